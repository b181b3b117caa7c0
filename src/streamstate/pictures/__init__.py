"""Pictures made from the model, as SVG that stands alone: no network, readable in light and dark.

`state_diagram` draws the machine of one dialect, or how two differ; `sequence_diagram` draws who
tells whom what in a program.
"""

from streamstate.pictures.machine import state_diagram
from streamstate.pictures.sequence import sequence_diagram

__all__ = ["sequence_diagram", "state_diagram"]
