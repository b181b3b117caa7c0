"""Which build of the registry runs: what was compiled from its sources, or the sources themselves.

The build hook, `hatch_build.py`, compiles the modules `x.py` with an `x.pxd` beside them (but those
that are `INTERPRETED`) into one shared object in `_compiled`, and writes a manifest of what it was
compiled from. Importing the package imports them from there, unless anything is amiss; then the
sources run. So do those of `GUESTS`, which call the registry as C does.
"""

from __future__ import annotations

import os
import sys
from enum import Enum, unique
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import source_hash, spec_from_file_location
from os.path import isdir, isfile, join
from types import ModuleType
from typing import Final

PURE: Final = "STREAMSTATE_PURE"
"""The environment variable that asks for pure Python, at build and at import. Unset, empty and
`0` do not ask for it; anything else does."""

FOLDER: Final = "_compiled"
"""Where the shared objects are, inside the package, one for each interpreter."""

SHARED: Final = "registry"
"""What the name of a shared object begins with."""

SUFFIX: Final = EXTENSION_SUFFIXES[0]
"""What the names of shared objects for this very interpreter end with."""

ELSEWHERE: Final = {"level": "../model/level.py"}
"""Sources of compiled modules that are kept elsewhere; `level` is made from it."""

INTERPRETED: Final[frozenset[str]] = (
    frozenset({"waiting"}) if sys.version_info >= (3, 12) else frozenset()
)
"""Modules that are not compiled, though they could be: from 3.12 on the interpreter awaits its own
coroutines in half the time that compiled ones take."""

GUESTS: Final = "../isolate"
"""Where another package is some modules of which are compiled into the same shared object."""

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
    names = sorted(name[:-4] for name in os.listdir(package) if name.endswith(".pxd"))
    return [name for name in names if name not in INTERPRETED]


def manifest(package: str) -> bytes:
    """One line for each source of the compiled modules: a hash and a name. Raises `OSError`.

    Times of files would say little: a checkout and an install set them anew. Reading and hashing
    all takes a fraction of a millisecond.
    """
    modules = compiled_modules(package)
    files = [name + kind for name in modules for kind in (".pxd", ".py")]
    files += sorted(name for name in os.listdir(package) if name.endswith(".pyx"))
    if isdir(guests := join(package, GUESTS)):
        names = compiled_modules(guests)
        files += [f"{GUESTS}/{name}{kind}" for name in names for kind in (".pxd", ".py")]
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
        return Build.COMPILED if isfile(shared_object(package)) else Build.ABSENT
    except OSError:
        return Build.ABSENT


def shared_object(package: str) -> str:
    """The file that has all compiled modules of the package in that folder."""
    return join(package, FOLDER, SHARED + SUFFIX)


def choose(package: str, folder: str) -> Build:
    """Import the modules of the package in that folder compiled, if they can be."""
    found = look(folder)
    return load(package, folder, folder) if found is Build.COMPILED else found


def load(package: str, folder: str, home: str) -> Build:
    """Import the modules of the package in that folder from the shared object at `home`.

    All of them or none: compiled ones know each other's memory layout.
    """
    others = set(sys.modules)
    finder = InSharedObject(package, folder, home)
    sys.meta_path.insert(0, finder)
    try:
        for name in finder.modules:
            if not is_just_compiled(import_module(name)):
                raise ImportError(f"{name} was imported otherwise before")
    except Exception:  # as of a shared object from another machine; a fault of ours comes again
        for name in set(sys.modules) - others:
            if name.startswith(f"{package}."):
                del sys.modules[name]
        return Build.UNFIT
    finally:
        sys.meta_path.remove(finder)
    return Build.COMPILED


def is_just_compiled(module: ModuleType) -> bool:
    """Whether a module is compiled, and not left over from a package that `sys.modules` has
    forgotten since.

    A process initialises a compiled module once. Asked for again, it is what it was, with the
    loader that it had, and knows the classes of the package that is gone.
    """
    loader, spec = module.__loader__, module.__spec__
    return isinstance(loader, ExtensionFileLoader) and spec is not None and spec.loader is loader


class InSharedObject(MetaPathFinder):
    """Finds the compiled modules of a package, which all are in the same file."""

    def __init__(self, package: str, folder: str, home: str) -> None:
        self.modules: list[str] = [f"{package}.{name}" for name in compiled_modules(folder)]
        self.file: str = shared_object(home)

    def find_spec(self, name: str, *_where: object) -> ModuleSpec | None:
        """What the import system asks for, for every module that is imported meanwhile."""
        if name not in self.modules:
            return None
        loader = ExtensionFileLoader(name, self.file)
        return spec_from_file_location(name, self.file, loader=loader)
