"""Finds the rule at fault: tries one hypothesis after the other, each a mistake on top of the
model."""
