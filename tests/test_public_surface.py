"""What users can rely on being there, and which way imports point."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

import streamstate
import streamstate.model
import streamstate.oracle
import streamstate.registry
from streamstate.registry import ThreadsafeRegistry

TOP = (
    "Chunk",
    "Dialect",
    "Done",
    "HIGH_WATER_MARK",
    "ISOLATE",
    "Limits",
    "LockstepError",
    "MAX_QUEUE_CHUNKS",
    "PLAN_01",
    "PullRefused",
    "PullSuperseded",
    "REFERENCE",
    "StreamClosed",
    "StreamDeleted",
    "StreamError",
    "StreamErrored",
    "StreamStateRegistry",
    "StreamView",
    "WriterStopped",
    "__version__",
    "clear_stream_registry_for_context",
    "get_stream_registry_for_context",
)

MODEL = (
    *("initial", "step", "explain"),
    *("Create", "Push", "Pull", "Close", "Error", "IsQueueFull", "Delete", "Clear"),
    *("CancelPull", "CancelPush", "Seen", "Get"),
    *("Returned", "Resolved", "Rejected", "Abandoned", "Accepted", "TurnedAway"),
    *("Unblocked", "Ended"),
    *("Chunk", "Done", "Errored", "Deleted", "Superseded", "Refused"),
    *("Dialect", "REFERENCE", "PLAN_01", "ISOLATE", "Limits"),
)

METHODS = (
    *("attach", "chunks", "clear", "close", "create", "delete", "detach", "dialect", "error"),
    *("get", "is_queue_full", "limits", "pull", "push", "reader", "send", "snapshot", "stats"),
    *("stream", "threadsafe", "unwatch", "wait_closed", "watch", "writable", "writer"),
)

OF_THREADS = (
    *("clear", "close", "create", "delete", "error", "get", "is_queue_full", "pull", "push"),
    *("send", "writable", "write"),
)

ORACLE_EXPORTS = (
    *("check", "check_any", "Verdict", "Deviation", "Difference", "Kind", "Known"),
    *("Implementation", "Hello", "Request", "ExchangeError", "Fault", "Opener"),
    *("ChildImplementation", "InProcessImplementation", "in_parallel", "Budget"),
    *("DEFAULT_SEED", "Planner", "Suite", "Shard", "default_plan", "only"),
    *("as_html", "as_json", "as_junit", "as_text", "Part", "ReportError", "read_verdict", "whole"),
)

LAYERS: dict[str, set[str]] = {
    "model": set(),
    "semantics": {"model"},
    "wire": {"model"},
    "registry": {"model"},
    "contexts": {"registry", "model"},
    "pump": {"registry", "model"},
    "telemetry": {"registry"},
    "isolate": {"registry", "model", "contexts", "wire"},
    "recording": {"registry", "wire", "model"},
    "explorer": {"wire", "semantics", "model"},
    "pictures": {"wire", "model"},
    "oracle": {"explorer", "pictures", "wire", "registry", "semantics", "model"},
    "histories": {"oracle", "recording", "registry", "wire", "model"},
    "cluster": {"oracle", "registry", "model"},
    "testing": {"oracle", "explorer", "wire", "registry", "model"},
}
"""Which of our packages each may import; the command line and the top may import all."""

ROOMS: dict[str, set[str]] = {
    "programs": set(),
    "adapters": {"programs"},
    "verdict": {"programs", "adapters"},
    "suites": {"programs", "adapters", "verdict"},
    "campaign": {"programs", "adapters", "verdict"},
    "recordings": {"programs", "adapters", "verdict"},
    "diagnosis": {"programs", "adapters", "verdict", "suites", "campaign"},
    "checking": {"programs", "adapters", "verdict", "suites", "campaign", "diagnosis"},
    "reports": {"programs", "adapters", "verdict"},
    "joining": {"verdict", "diagnosis", "reports"},
}
"""Which rooms of the oracle each may import; its top, which is for users, may import all."""

PURE = {
    *("__future__", "bisect", "collections", "dataclasses", "enum", "functools", "itertools"),
    *("math", "operator", "types", "typing"),
}
"""What the model may import of the standard library."""

ROOT = Path(streamstate.__file__).parent


def test_the_top_exports_these_names_and_no_others() -> None:
    assert sorted(streamstate.__all__) == sorted(TOP)


def test_the_oracle_exports_what_its_rooms_define() -> None:
    assert sorted(streamstate.oracle.__all__) == sorted(ORACLE_EXPORTS)
    found = {name: getattr(streamstate.oracle, name) for name in ORACLE_EXPORTS}
    assert [name for name, what in found.items() if inspect.ismodule(what)] == []
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = streamstate.oracle.nothing


def test_the_model_exports_what_is_documented() -> None:
    assert set(MODEL) <= set(streamstate.model.__all__)
    assert list(streamstate.model.__all__) == sorted(set(streamstate.model.__all__), key=constants)


def constants(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def modules() -> list[str]:
    found = pkgutil.walk_packages([str(ROOT)], "streamstate.")
    return ["streamstate", *(module.name for module in found if "__main__" not in module.name)]


@pytest.mark.parametrize("name", modules())
def test_everything_exported_exists(name: str) -> None:
    module = importlib.import_module(name)
    for exported in getattr(module, "__all__", ()):
        assert hasattr(module, exported)


def test_a_registry_has_these_methods_and_no_others() -> None:
    public = [name for name in dir(streamstate.StreamStateRegistry) if not name.startswith("_")]
    assert sorted(public) == sorted(METHODS)


def test_a_thread_has_these_ops_each_with_a_future_and_no_others() -> None:
    public = [name for name in dir(ThreadsafeRegistry) if not name.startswith("_")]
    submitted = [f"submit_{name}" for name in OF_THREADS]
    assert sorted(public) == sorted([*OF_THREADS, *submitted, "push_soon"])


def test_limits_and_dialects_are_what_the_documents_say() -> None:
    assert (streamstate.HIGH_WATER_MARK, streamstate.MAX_QUEUE_CHUNKS) == (65_536, 16)
    assert [str(dialect) for dialect in streamstate.model.NAMED.values()] == [
        "reference",
        "plan-01",
        "isolate",
        "whatwg",
    ]


def public(owner: ModuleType | type) -> Iterator[tuple[str, object]]:
    """The public classes and functions defined right there, properties too, by their names."""
    home = owner.__name__ if inspect.ismodule(owner) else owner.__module__
    for name, member in vars(owner).items():
        inner = member.fget if isinstance(member, property) else member
        inner = inner.__func__ if isinstance(inner, classmethod | staticmethod) else inner
        ours = inspect.isclass(inner) or inspect.isfunction(inner)
        if not name.startswith("_") and ours and inner.__module__ == home:
            yield f"{owner.__name__}.{name}", inner


@pytest.mark.parametrize("name", modules())
def test_everything_public_has_a_docstring(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    assert [name for name, member in public(module) if not inspect.getdoc(member)] == []


@pytest.mark.parametrize("module", [streamstate, streamstate.model, streamstate.registry])
def test_every_method_of_an_exported_class_has_a_docstring(module: ModuleType) -> None:
    exported = [getattr(module, name) for name in module.__all__]
    assert [
        name
        for owner in exported
        if inspect.isclass(owner)
        for name, member in public(owner)
        if not inspect.getdoc(member)
    ] == []


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=module, level=level):
                assert level == 0, f"relative import in {path}"
                yield module or ""
            case _:
                pass


def sources() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def package_of(path: Path) -> str:
    part = path.relative_to(ROOT).parts[0]
    return part.removesuffix(".py")


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    package = package_of(path)
    if package not in LAYERS:
        assert package in {"__init__", "__main__", "cli"}, f"{package} has no place in the layers"
        return
    ours = {name.split(".")[1] for name in imports_of(path) if name.startswith("streamstate.")}
    assert ours - {package} <= LAYERS[package]
    assert "streamstate" not in imports_of(path)


ORACLE = ROOT / "oracle"


@pytest.mark.parametrize(
    "path", sorted(ORACLE.rglob("*.py")), ids=lambda path: str(path.relative_to(ORACLE))
)
def test_rooms_of_the_oracle_are_entered_from_one_side(path: Path) -> None:
    room = path.relative_to(ORACLE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    inside = (name.split(".") for name in imports_of(path) if name.startswith("streamstate.oracle"))
    entered = {name[2] if len(name) > 2 else "the top" for name in inside}
    assert entered - {room} <= ROOMS[room]


@pytest.mark.parametrize("path", sorted(ROOT.glob("model/*.py")), ids=lambda path: path.name)
def test_the_model_imports_pure_modules_only(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports_of(path)} - {"streamstate"}
    assert foreign <= PURE


def test_the_package_says_that_it_is_typed() -> None:
    assert files("streamstate").joinpath("py.typed").is_file()
