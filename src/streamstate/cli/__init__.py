"""The command line: one module for each command, or a few that belong together.

`entry` begins and ends the process, with its signals and standard streams; `commands` has the group
and its short commands. A command reads its options with `arguments`, puts files where `reports` and
`places` allow, and shows lines on a `screen`: what it does is in other packages. Every command ends
with 0, 1, 2 or 3, and none shows a traceback to whoever typed it.

To add a command, write a module with a function of click's, and list it in `commands`.
"""

from streamstate.cli.entry import main

__all__ = ["main"]
