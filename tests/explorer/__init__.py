"""The explorer's page, in a browser, beside the model."""
