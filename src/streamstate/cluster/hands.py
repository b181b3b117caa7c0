"""Handing work to the workers of a cluster, each piece until it is done or was tried often enough.

Each try goes to one worker that is named, and no worker gets more than it has threads. So it is
known who has what and since when, and a worker that is gone, or silent for too long, loses it to
another. Nothing is taken back from a worker: until it is done after all it gets nothing new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any, Final, NamedTuple, TypeAlias, assert_never

from streamstate.cluster.connection import Connection, Failed, Letter, Returned, Seen
from streamstate.cluster.work import Made, Said, Work, sources

_TICK: Final = 0.5
"""Seconds between two looks at which workers there are."""

_NOT_BEGUN: Final = 3
"""After so many time limits work counts as lost that a worker has not begun, though it is there."""


class Done(NamedTuple):
    """A piece of work was done, on that worker."""

    work: Work
    worker: str
    result: Any


class GivenUp(NamedTuple):
    """A piece of work failed as often as it may; why, each time."""

    work: Work
    why: tuple[str, ...]


Outcome: TypeAlias = Done | GivenUp


@dataclass(slots=True)
class _Worker:
    """`fit`: whether it runs this streamstate; None while it was not said."""

    seen: Seen
    changed: float
    fit: bool | None = None
    keys: set[str] = field(default_factory=set)

    @property
    def free(self) -> bool:
        return self.fit is True and len(self.keys) < self.seen.threads


@dataclass(slots=True)
class _Try:
    """`work` None asks a worker what it runs. `late`: it was taken for lost."""

    work: Work | None
    worker: str
    since: float
    begun: bool = False
    late: bool = False


class Hands:
    """The workers of a cluster. Work is given up that failed `tries` times, or that nobody is there
    to do for `patience` seconds."""

    def __init__(
        self,
        connection: Connection,
        version: str,
        note: Callable[[str], None],
        *,
        tries: int = 3,
        patience: float = 60.0,
    ) -> None:
        self._connection: Final = connection
        self._made: Final = Made(version, sources())
        self._note: Final = note
        self._patience: Final = patience
        self._tries_each: Final = tries
        self._workers: Final[dict[str, _Worker]] = {}
        self._unfit: Final[dict[str, str]] = {}
        self._tries: Final[dict[str, _Try]] = {}
        self._waiting: Final[deque[Work]] = deque()
        self._failures: Final[dict[int, list[tuple[str, str]]]] = {}
        self._numbers: Final = count(1)
        self._looked = -_TICK
        self._idle_since = monotonic()

    def muster(self, seconds: float) -> Mapping[str, int]:
        """The workers that run this streamstate, and how many threads each has, once all have said
        what they run or so many seconds have passed."""
        until = monotonic() + seconds
        self._look()
        while monotonic() < until:
            asked = [each.fit is not None for each in self._workers.values()]
            if asked and all(asked):
                break
            self._take(self._connection.next(_TICK))
            self._look()
        return {at: each.seen.threads for at, each in self._workers.items() if each.fit}

    @property
    def unfit(self) -> Mapping[str, str]:
        """The workers that get no work, and why."""
        return self._unfit

    def do(
        self, works: Iterable[Work], heard: Callable[[Work, object], None] = lambda *_: None
    ) -> Iterator[Outcome]:
        """What becomes of each, as it comes. What a worker says meanwhile is `heard`."""
        self._waiting.extend(works)
        self._idle_since = monotonic()
        while self._waiting or any(each.work and not each.late for each in self._tries.values()):
            self._look()
            self._place()
            letter = self._connection.next(_TICK)
            if isinstance(letter, Said):
                self._hear(letter, heard)
            elif (outcome := self._take(letter)) is not None:
                yield outcome
            yield from self._overdue()

    def again(self, done: Done, why: str) -> GivenUp | None:
        """What a worker did is not to be used: have it done once more."""
        return self._lost(done.work, done.worker, why)

    def refuse(self, worker: str, why: str) -> None:
        """Give that worker no more work."""
        self._unfit.setdefault(worker, why)
        if worker in self._workers:
            self._workers[worker].fit = False

    def close(self) -> None:
        """Leave the cluster as it is."""
        self._connection.close()

    # --- Workers ------------------------------------------------------------------------------

    def _look(self) -> None:
        """See which workers there are, and ask new ones what they run."""
        now = monotonic()
        if now - self._looked < _TICK:
            return
        self._looked = now
        there = self._connection.workers()
        for address, seen in there.items():
            worker = self._workers.get(address)
            if worker is None:
                self._workers[address] = _Worker(seen, now)
                key = f"hello {next(self._numbers)}"
                self._begin(key, _Try(None, address, now))
                self._connection.ask_made(key, address)
            elif worker.seen != seen:
                worker.seen, worker.changed = seen, now
        for address in self._workers.keys() - there.keys():
            del self._workers[address]

    def _begin(self, key: str, begun: _Try) -> None:
        self._tries[key] = begun
        self._workers[begun.worker].keys.add(key)

    # --- Work ---------------------------------------------------------------------------------

    def _place(self) -> None:
        """Give what waits to those who are free."""
        for _ in range(len(self._waiting)):
            if not any(each.free for each in self._workers.values()):
                return
            work = self._waiting.popleft()
            usable = self._usable(work)
            if not usable:
                self._waiting.append(work)
                continue
            worker = min(usable, key=lambda each: len(self._workers[each].keys))
            key = f"{work.name} {next(self._numbers)}"
            self._begin(key, _Try(work, worker, monotonic()))
            self._connection.send(key, worker, work)

    def _usable(self, work: Work) -> list[str]:
        """Who may do it now: none that has failed at it where others have not."""
        may = [at for at, each in self._workers.items() if each.fit and work.worker in (None, at)]
        failed = {worker for worker, _ in self._failures.get(id(work), ())}
        better = [each for each in may if each not in failed] or may
        return [each for each in better if self._workers[each].free]

    def _hear(self, said: Said, heard: Callable[[Work, object], None]) -> None:
        trying = self._tries.get(said.key)
        if trying is None or trying.work is None or trying.late:
            return
        if said.what is None:
            trying.begun, trying.since = True, monotonic()
        else:
            heard(trying.work, said.what)

    def _take(self, letter: Letter | None) -> Outcome | None:
        match letter:
            case None | Said():
                return None
            case Returned(key, result):
                trying = self._end(key)
                if trying is None or trying.late:
                    return None
                if trying.work is not None:
                    return Done(trying.work, trying.worker, result)
                self._introduced(trying.worker, result)
                return None
            case Failed(key, why):
                trying = self._end(key)
                if trying is None or trying.late:
                    return None
                if trying.work is not None:
                    return self._lost(trying.work, trying.worker, why)
                self.refuse(trying.worker, f"it does not say which streamstate it runs: {why}")
                return None
            case _:
                assert_never(letter)

    def _introduced(self, worker: str, said: object) -> None:
        if said == tuple(self._made):
            self._workers[worker].fit = True
            return
        match said:
            case (str(version), str()) if version != self._made.version:
                runs = f"streamstate {version}, not {self._made.version}"
            case _:
                runs = f"streamstate {self._made.version} from other sources"
        self.refuse(worker, f"it runs {runs}: another version may have another plan")

    def _end(self, key: str) -> _Try | None:
        self._connection.forget(key)
        trying = self._tries.pop(key, None)
        if trying is not None and trying.worker in self._workers:
            self._workers[trying.worker].keys.discard(key)
        return trying

    def _lost(self, work: Work, worker: str, why: str) -> GivenUp | None:
        """Have it done elsewhere, unless it was tried often enough."""
        failures = self._failures.setdefault(id(work), [])
        failures.append((worker, why))
        if len(failures) >= self._tries_each:
            return GivenUp(work, tuple(f"{at}: {each}" for at, each in failures))
        self._note(f"{work.name} goes elsewhere: {worker}: {why}")
        self._waiting.append(work)
        return None

    def _overdue(self) -> Iterator[GivenUp]:
        """What was taken for lost just now, and is not tried again."""
        now = monotonic()
        for key, trying in tuple(self._tries.items()):
            worker = self._workers.get(trying.worker)
            if worker is None:
                self._end(key)
                why: str | None = "the worker is gone"
            else:
                why = self._why_late(trying, worker, now)
            if trying.late or why is None:
                continue
            if worker is not None:
                trying.late = True
            if trying.work is None:
                self.refuse(trying.worker, "it does not say which streamstate it runs")
            elif (given_up := self._lost(trying.work, trying.worker, why)) is not None:
                yield given_up
        yield from self._nobody(now)

    def _why_late(self, trying: _Try, worker: _Worker, now: float) -> str | None:
        waited = now - trying.since
        limit = self._patience if trying.work is None else trying.work.limit
        if waited <= limit:
            return None
        if trying.begun:
            return f"it took more than {limit:g} seconds"
        if now - worker.changed > limit or waited > _NOT_BEGUN * limit:
            return f"it was not begun for {waited:.0f} seconds"
        return None

    def _nobody(self, now: float) -> Iterator[GivenUp]:
        """Give up all that waits where for too long nobody has been there to do it."""
        if not self._waiting or any(not each.late for each in self._tries.values()):
            self._idle_since = now
        elif now - self._idle_since > self._patience:
            while self._waiting:
                work = self._waiting.popleft()
                before = (f"{at}: {each}" for at, each in self._failures.get(id(work), ()))
                yield GivenUp(work, (*before, "no worker is left that could do it"))
