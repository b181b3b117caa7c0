"""The specification in Rocq, held against the model."""
