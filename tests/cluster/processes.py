"""A scheduler and workers, each a process of its own, on the loopback interface."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

ROOT: Final = Path(__file__).parents[2]

_SECONDS: Final = 60.0

_DASK: Final = {
    "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    "DASK_LOGGING__DISTRIBUTED": "error",
}


class Cluster:
    """Workers have a thread each. All of them end with the block, stopped ones, too."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._file: Final = folder / "scheduler.json"
        self.programs: Final = folder / "bin"
        """Those that workers find beside others."""
        self.programs.mkdir()
        self.workers: Final[list[subprocess.Popen[bytes]]] = []
        self._scheduler: Final = self._started(
            "dask_scheduler",
            ("--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(self._file)),
            {},
        )

    @property
    def address(self) -> str:
        """Of the scheduler, once it is there."""
        until = monotonic() + _SECONDS
        while monotonic() < until:
            with suppress(OSError, ValueError):
                return str(json.loads(self._file.read_text(encoding="utf-8"))["address"])
            sleep(0.02)
        raise TimeoutError("the scheduler did not start")

    def add(self, environment: Mapping[str, str] | None = None) -> int:
        """Another worker; the number of its process."""
        arguments = ("--nthreads", "1", "--no-nanny", "--local-directory", str(self._folder))
        found = {"PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}", **(environment or {})}
        process = self._started("dask_worker", (self.address, *arguments), found)
        self.workers.append(process)
        return process.pid

    @contextmanager
    def one_more(self, environment: Mapping[str, str]) -> Iterator[None]:
        """A worker that is unlike the others, for a while."""
        self.add(environment)
        try:
            yield
        finally:
            self.workers[-1].kill()
            self.workers.pop().wait(_SECONDS)

    def _started(
        self, module: str, arguments: tuple[str, ...], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), str(ROOT))))
        with (self._folder / f"{module}.log").open("ab") as log:
            return subprocess.Popen(
                (sys.executable, "-m", f"distributed.cli.{module}", "--no-dashboard", *arguments),
                cwd=self._folder,
                env={**os.environ, **_DASK, **environment, "PYTHONPATH": paths},
                stdout=log,
                stderr=log,
            )

    def kill_scheduler(self) -> None:
        """From now on nobody answers at the address."""
        self._scheduler.kill()

    def close(self) -> None:
        """End them all at once."""
        for process in (*self.workers, self._scheduler):
            if process.poll() is None:
                process.kill()
                process.send_signal(signal.SIGCONT)
            process.wait(_SECONDS)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A cluster of so many workers."""
    made = Cluster(folder)
    try:
        for _ in range(workers):
            made.add()
        yield made
    finally:
        made.close()
