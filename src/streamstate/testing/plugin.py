"""Vectors as tests: one item for each that holds in the dialect and can run.

pytest loads `pytest_streamstate`, which imports this module only when a run asks for vectors.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from streamstate.model import Dialect
from streamstate.oracle.adapters.convention import Convention
from streamstate.testing.driver import FactoryDriver
from streamstate.testing.vectors import Vector, deviation, own_vectors, read_vectors

NAME: Final = "streamstate-vectors"
_MOST_SUSPECTS: Final = 6


def activate(config: pytest.Config, target: str) -> None:
    """Collect the vectors for the factory that `target` names (`package.module:Name`).

    Raises `pytest.UsageError` for an option that names something that does not exist.
    """
    config.pluginmanager.register(VectorPlugin(config, target), NAME)


class VectorPlugin:
    """The hooks of a run with vectors, and the implementation that they drive."""

    def __init__(self, config: pytest.Config, target: str) -> None:
        place = config.getoption("streamstate_vectors")
        convention = config.getoption("streamstate_convention")
        try:
            self.dialect: Final = Dialect.parse(
                config.getoption("streamstate_dialect") or "reference"
            )
            known = tuple(read_vectors(Path(place) if place else own_vectors()))
            reading = _imported(convention) if convention else Convention()
            if not isinstance(reading, Convention):
                raise TypeError(f"{convention} is {reading!r}, not a Convention")
            self.driver: Final = FactoryDriver(_imported(target), reading)
        except (ImportError, OSError, TypeError, ValueError) as error:
            raise pytest.UsageError(f"streamstate: {error}") from None
        self.vectors: list[Vector] = []
        self.left_out: Final[Counter[str]] = Counter()
        for vector in known:
            missing = vector.needs - self.driver.capabilities
            if not vector.holds_in(self.dialect):
                self.left_out["other dialects"] += 1
            elif missing:
                self.left_out[f"need {' and '.join(sorted(missing))}"] += 1
            else:
                self.vectors.append(vector)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the vectors beside whatever else the session collects."""
        report = yield
        if isinstance(collector, pytest.Session):
            ours = VectorCollector.from_parent(collector, name=NAME, nodeid=NAME, plugin=self)
            report.result = [*report.result, ours]
        return report

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell which vectors the run left out, and which rules its failures name."""
        left_out = ", ".join(f"{count} {why}" for why, count in sorted(self.left_out.items()))
        terminalreporter.write_line(
            f"streamstate: {len(self.vectors)} vectors for {self.driver.name} in {self.dialect};"
            f" left out: {left_out or 'none'}"
        )
        reports = terminalreporter.getreports("failed")
        ours = [report.longreprtext for report in reports if report.nodeid.startswith(NAME)]
        blamed = Counter(text.partition("\n")[0] for text in ours).most_common(_MOST_SUSPECTS)
        if ours:
            named = ", ".join(f"{rule} ({count})" for rule, count in blamed)
            terminalreporter.write_line(f"streamstate: {len(ours)} deviate, at {named}")

    def pytest_unconfigure(self) -> None:
        """Close the event loop."""
        self.driver.close()


def _imported(target: str) -> Any:
    """Import `package.module:Name`. Raises `ImportError` or `ValueError` with the reason."""
    module, colon, name = target.partition(":")
    if not (module and colon and name):
        raise ValueError(f"{target!r} names nothing; expected package.module:Name")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        if not hasattr(found, part):
            raise ImportError(f"{module} has no {name}")
        found = getattr(found, part)
    return found


class VectorCollector(pytest.Collector):
    """All vectors of the run."""

    def __init__(self, *, plugin: VectorPlugin, **rest: Any) -> None:
        super().__init__(**rest)
        self.plugin: Final = plugin

    def collect(self) -> Iterator[pytest.Item]:
        """An item for each vector."""
        for vector in self.plugin.vectors:
            yield VectorItem.from_parent(self, name=vector.name, vector=vector)


class VectorDeviationError(Exception):
    """An implementation's answers to a vector are not those of the specification."""


class VectorItem(pytest.Item):
    """One vector."""

    def __init__(self, *, vector: Vector, **rest: Any) -> None:
        super().__init__(**rest)
        self.vector: Final = vector

    def runtest(self) -> None:
        """Run it. Raises `VectorDeviationError` where the answers differ."""
        collector = self.getparent(VectorCollector)
        assert collector is not None
        plugin = collector.plugin
        lines = deviation(self.vector, plugin.driver, plugin.dialect)
        if lines:
            raise VectorDeviationError("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The deviation without a traceback: the implementation is wrong, not the test."""
        if isinstance(excinfo.value, VectorDeviationError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file and the line of the vector."""
        return self.vector.file, self.vector.line - 1, self.name
