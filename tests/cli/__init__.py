"""The command line where things go wrong around it."""
