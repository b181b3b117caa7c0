"""The build hook: compiles the registry where that can be done, and else says why not.

Nothing that goes wrong here fails an install: the same sources run uncompiled.
"""

from __future__ import annotations

import os
import shlex
import sys
import sysconfig
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = "streamstate.registry"
TOOLS = ["cython>=3.1", "setuptools>=77"]
DIRECTIVES = {
    "annotation_typing": False,  # it would refuse what Python takes
    "auto_pickle": False,
    "binding": False,
    "boundscheck": False,
    "language_level": 3,
    "nonecheck": True,  # a half-made object raises, as it does in Python
    "wraparound": False,
}
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
        reason = obstacle(builds) or failure(
            builds, self.root, target, quickly=version == "editable"
        )
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
        return Path(self.root, "src", *PACKAGE.split("."))

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


def failure(builds: ModuleType, root: str, target: Path, *, quickly: bool) -> str | None:
    """Compile into `target`. Returns what went wrong, if anything did.

    `quickly` takes two thirds of the time, for code that is some 4 % slower.
    """
    flags = [] if os.name == "nt" else ["-O1" if quickly else "-O2", "-g0"]
    try:
        from Cython.Build import cythonize
        from setuptools import Distribution, Extension
    except ImportError as error:
        return str(error)
    source = Path("src", *PACKAGE.split("."))
    before = os.getcwd()
    os.chdir(root)
    names = builds.compiled_modules(str(source))
    try:
        with TemporaryDirectory() as scratch:
            extensions = cythonize(
                [
                    Extension(
                        f"{PACKAGE}.{name}",
                        [str(written(builds, source, name))],
                        extra_compile_args=flags,
                    )
                    for name in names
                ],
                build_dir=scratch,
                include_path=["src"],
                compiler_directives=DIRECTIVES,
                nthreads=JOBS if sys.platform == "linux" else 0,
            )
            described = builds.manifest(str(source))
            command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
            command.build_lib = command.build_temp = scratch
            command.parallel = JOBS
            command.ensure_finalized()
            command.run()
            target.mkdir(exist_ok=True)
            for name in names:
                built = Path(command.get_ext_fullpath(f"{PACKAGE}.{name}"))
                (target / (name + builds.SUFFIX)).write_bytes(built.read_bytes())
            (target / builds.MANIFEST).write_bytes(described)
    except (Exception, SystemExit) as error:
        return f"compiling failed: {' '.join(str(error).split())}"
    finally:
        os.chdir(before)
    return None


def written(builds: ModuleType, source: Path, name: str) -> Path:
    """What the module is compiled from: its twin in Cython if it has one, else Python."""
    if name in builds.ELSEWHERE:
        return source / builds.ELSEWHERE[name]
    twin = source / f"{name}.pyx"
    return twin if twin.exists() else source / f"{name}.py"


def remove(folder: Path, suffix: str) -> None:
    """Remove what was built for this interpreter."""
    for file in folder.glob(f"*{suffix}*"):
        file.unlink()
