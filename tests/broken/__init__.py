"""Broken on purpose: each of these has one fault, and some check must find it."""
