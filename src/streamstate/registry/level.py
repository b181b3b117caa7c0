"""The model's `measured`. The compiled build makes this module from the model's own source."""

from streamstate.model.level import measured

__all__ = ["measured"]
