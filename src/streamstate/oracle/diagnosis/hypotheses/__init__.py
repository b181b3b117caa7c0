"""Which rule is at fault, by supposing one mistake after the other."""
