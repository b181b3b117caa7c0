"""Which rule is at fault, by one hypothesis after the other: a mistake made on top of the model."""
