"""Records what happens in a live registry, so that you can check it later, elsewhere and at
leisure.

`record` writes a line for each op with its answer; `streamstate trace` reads them.
"""

from streamstate.recording.recorder import Recording, record

__all__ = ["Recording", "record"]
