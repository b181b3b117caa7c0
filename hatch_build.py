"""The build hook: compiles the registry, and what guests call of it all the time, where that can be
done, and else says why not.

Nothing that goes wrong here fails an install: the same sources run uncompiled.
"""

from __future__ import annotations

import os
import shlex
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "streamstate.registry"
GUESTS = "streamstate.isolate"
SOURCE = Path("src", *PACKAGE.split("."))
TOOLS = ["cython>=3.1", "setuptools>=77"]
DIRECTIVES = {
    "annotation_typing": False,  # it would refuse what Python takes
    "auto_pickle": False,
    "binding": False,  # methods of C, which cost less to call than functions
    "embedsignature": True,
    "embedsignature.format": "clinic",  # so that `inspect` knows their parameters
    "boundscheck": False,
    "language_level": 3,
    "nonecheck": True,  # a half-made object raises, as it does in Python
    "wraparound": False,
}
FLAGS = [] if os.name == "nt" else ["-O2", "-g0"]
if sys.platform == "linux":
    FLAGS.append("-fno-plt")  # calls into the interpreter take one jump less
    # Where functions happen to lie changed the time of a chunk by 6 %, with every change elsewhere.
    FLAGS += ["-falign-functions=64", "-falign-loops=32"]
JOBS = min(os.cpu_count() or 1, 4)


class CompilingHook(BuildHookInterface[Any]):
    """Puts shared objects into the wheel, or, of an editable install, beside the sources."""

    def dependencies(self) -> list[str]:
        """What compiling needs; nothing, if it is known beforehand that it will not be done."""
        return TOOLS if obstacle(self.builds) is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile. `version` is "standard" or "editable"."""
        builds, sources = self.builds, self.sources
        if version == "editable":
            target = sources / builds.FOLDER
            if obstacle(builds) is None and builds.look(str(sources)) is builds.Build.COMPILED:
                return
            remove(target, builds.SUFFIX)
        else:
            self.scratch = TemporaryDirectory()
            target = Path(self.scratch.name)
        reason = obstacle(builds) or failure(builds, self.root, target)
        if reason is not None:
            self.app.display_warning(f"streamstate is built as pure Python: {reason}")
            remove(target, builds.SUFFIX)
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"].update(
                {
                    str(file): f"{PACKAGE.replace('.', '/')}/{builds.FOLDER}/{file.name}"
                    for file in target.iterdir()
                }
            )

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what is in the wheel by now."""
        if version != "editable":
            self.scratch.cleanup()

    @property
    def sources(self) -> Path:
        """The package that is compiled."""
        return Path(self.root, SOURCE)

    @property
    def builds(self) -> ModuleType:
        """The module of the package that says what is compiled, and from what."""
        spec = spec_from_file_location("builds", self.sources / "builds.py")
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def obstacle(builds: ModuleType) -> str | None:
    """Why the registry is not to be compiled here, as far as can be told without trying."""
    if builds.pure_is_asked_for():
        return f"{builds.PURE} is set"
    if sys.implementation.name != "cpython":
        return "only CPython runs the compiled modules"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "this interpreter has no global lock"
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC")
    if compiler and which(shlex.split(compiler)[0]) is None:
        return f"there is no C compiler {compiler!r}"
    return None


def failure(builds: ModuleType, root: str, target: Path) -> str | None:
    """Compile into `target`. Returns what went wrong, if anything did."""
    before = os.getcwd()
    os.chdir(root)
    try:
        with TemporaryDirectory() as scratch:
            described = builds.manifest(str(SOURCE))
            built = shared_object(builds, scratch)
            target.mkdir(exist_ok=True)
            (target / (builds.SHARED + builds.SUFFIX)).write_bytes(built.read_bytes())
            (target / builds.MANIFEST).write_bytes(described)
    except (Exception, SystemExit) as error:
        return f"compiling failed: {' '.join(str(error).split())}"
    finally:
        os.chdir(before)
    return None


def shared_object(builds: ModuleType, scratch: str) -> Path:
    """Make one of all modules: what an op runs through lies close together, and the processor's
    cache for instructions holds all of it, which is worth a fourth of the time of a chunk."""
    from Cython.Build import cythonize
    from setuptools import Distribution, Extension

    modules = cythonize(
        [
            Extension(f"{package}.{name}", [str(written(builds, source, name))])
            for package, source in ((PACKAGE, SOURCE), (GUESTS, SOURCE / builds.GUESTS))
            for name in builds.compiled_modules(str(source))
        ],
        build_dir=scratch,
        include_path=["src"],
        compiler_directives=DIRECTIVES,
        nthreads=JOBS if sys.platform == "linux" else 0,
    )
    whole = Extension(
        modules[0].name,  # one that it has, whose initialisation the linker is to export
        [source for module in modules for source in module.sources],
        extra_compile_args=FLAGS,
    )
    command = side_by_side()(Distribution({"ext_modules": [whole]}))
    command.build_lib = command.build_temp = scratch
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(whole.name))


def side_by_side() -> type[Any]:
    """The command of setuptools that builds an extension, with its sources compiled in parallel."""
    from setuptools.command.build_ext import build_ext

    class SideBySide(build_ext):  # type: ignore[misc]  # it has no types
        def build_extension(self, ext: Any) -> None:
            def compiled(source: str) -> list[str]:
                objects: list[str] = self.compiler.compile(
                    [source],
                    output_dir=self.build_temp,
                    include_dirs=ext.include_dirs,
                    extra_postargs=ext.extra_compile_args,
                )
                return objects

            with ThreadPoolExecutor(JOBS) as pool:
                for objects in pool.map(compiled, ext.sources):
                    ext.extra_objects += objects
            ext.sources = []
            super().build_extension(ext)

    return SideBySide


def written(builds: ModuleType, source: Path, name: str) -> Path:
    """What the module is compiled from: its twin in Cython if it has one, else Python."""
    if source == SOURCE and name in builds.ELSEWHERE:
        return SOURCE / builds.ELSEWHERE[name]
    twin = source / f"{name}.pyx"
    return twin if twin.exists() else source / f"{name}.py"


def remove(folder: Path, suffix: str) -> None:
    """Remove what was built for this interpreter."""
    for file in folder.glob(f"*{suffix}*"):
        file.unlink()
