"""Which build of the registry runs: what was compiled from its sources, or the sources themselves.

A module `x.py` with an `x.pxd` beside it is compiled by the build hook, `hatch_build.py`, into
`_compiled`, together with a manifest of what it was compiled from. Importing the package puts that
folder in front of its `__path__`, unless anything is amiss; then the sources run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableSequence
from enum import Enum, unique
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import source_hash
from os.path import join
from typing import Final

PURE: Final = "STREAMSTATE_PURE"
"""The environment variable that asks for pure Python, at build and at import. Unset, empty and
`0` do not ask for it; anything else does."""

FOLDER: Final = "_compiled"
"""Where the shared objects are, inside the package."""

SUFFIX: Final = EXTENSION_SUFFIXES[0]
"""What the names of shared objects for this very interpreter end with."""

ELSEWHERE: Final = {"level": "../model/level.py"}
"""Sources of compiled modules that are kept elsewhere; `level` is made from it."""

UP_TO: Final = {"chunks": (3, 12), "waiting": (3, 12)}
"""From which Python on a module is not compiled: what it is awaited as costs less interpreted."""

MANIFEST: Final = f"built-from{SUFFIX}.txt"


@unique
class Build(Enum):
    """The build that runs; if it is the pure one, why."""

    COMPILED = "compiled"
    ASKED_FOR = f"pure Python: {PURE} is set"
    ABSENT = "pure Python: not compiled for this interpreter"
    CHANGED = "pure Python: the sources have changed since they were compiled"
    UNFIT = "pure Python: the compiled modules cannot be loaded here"

    def __str__(self) -> str:
        return self.value


def pure_is_asked_for() -> bool:
    """Whether the environment asks for pure Python."""
    return os.environ.get(PURE, "") not in {"", "0"}


def compiled_modules(package: str) -> list[str]:
    """The modules that are compiled, by name, of the package in that folder. O(files)."""
    names = (name[:-4] for name in os.listdir(package) if name.endswith(".pxd"))
    return sorted(name for name in names if sys.version_info < UP_TO.get(name, (4,)))


def manifest(package: str) -> bytes:
    """One line for each source of the compiled modules: a hash and a name. Raises `OSError`.

    Times of files would say little: a checkout and an install set them anew. Reading and hashing
    all takes a fraction of a millisecond.
    """
    modules = compiled_modules(package)
    files = [name + kind for name in modules for kind in (".pxd", ".py")]
    files += sorted(name for name in os.listdir(package) if name.endswith(".pyx"))
    files += [ELSEWHERE[name] for name in modules if name in ELSEWHERE]
    return b"".join(b"%b %b\n" % (_hash(join(package, file)), file.encode()) for file in files)


def _hash(file: str) -> bytes:
    return source_hash(_read(file)).hex().encode()


def _read(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read()


def look(package: str) -> Build:
    """Which build of the package in that folder fits this interpreter, the environment and the
    sources."""
    if pure_is_asked_for():
        return Build.ASKED_FOR
    built = join(package, FOLDER)
    try:
        built_from = _read(join(built, MANIFEST))
        if built_from != manifest(package):
            return Build.CHANGED
        wanted = {name + SUFFIX for name in compiled_modules(package)}
        return Build.COMPILED if wanted <= set(os.listdir(built)) else Build.ABSENT
    except OSError:
        return Build.ABSENT


def choose(package: str, path: MutableSequence[str]) -> Build:
    """Let the modules of `package`, whose `__path__` this is, be found compiled where they can be.

    All of them or none: compiled ones know each other's memory layout.
    """
    sources = path[0]
    found = look(sources)
    if found is not Build.COMPILED:
        return found
    others = set(sys.modules)
    path.insert(0, join(sources, FOLDER))
    try:
        for name in compiled_modules(sources):
            import_module(f"{package}.{name}")
    except Exception:  # as of a shared object from another machine; a fault of ours comes again
        del path[0]
        for name in set(sys.modules) - others:
            if name.startswith(f"{package}."):
                del sys.modules[name]
        return Build.UNFIT
    return found
