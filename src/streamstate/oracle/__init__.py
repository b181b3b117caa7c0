"""The conformance oracle: anything that answers the wire is compared with the model."""
