"""The command line, `streamstate COMMAND`.

Every command ends with 0, 1, 2 or 3, and none shows a traceback to whoever typed it.
"""

from streamstate.cli.entry import main

__all__ = ["main"]
