"""Evaluates every broken implementation and every correct one, and writes the page.

python -m tests.faults [--jobs N] [--only NAME]…
python -m tests.faults --before [--jobs N] [--only NAME]…
python -m tests.faults --together N --sample M [--jobs N]

The second puts the faults for which suites were added before the oracle that had none, and writes
the table of before and after. The third puts random sets of N faults before it, each set in one
registry, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeAlias

from tests.faults.before import measure as measure_before
from tests.faults.before import of_new_kinds, read_before, write_before
from tests.faults.catalogue import faults, not_built
from tests.faults.fault import Group
from tests.faults.judging import Judged, judge
from tests.faults.page import PAGE, written
from tests.faults.planning import remembered
from tests.faults.rows import Accepted, Row, Rows, read_rows, write_rows
from tests.faults.sound import accepted, sound_implementations
from tests.faults.together import measure

_Found: TypeAlias = Row | Accepted


def _find(key: str, before: Row) -> _Found:
    """Put a fault or a correct implementation before the oracle. `before` is the fault's row."""
    if key not in faults():
        return accepted(sound_implementations()[key], remembered)
    fault = faults()[key]
    return {mode: judge(fault, mode, remembered, _known(before.get(mode))) for mode in fault.modes}


def _known(judged: Judged | None) -> int | None:
    return None if judged is None else judged.shortest


def _chosen(only: Sequence[str]) -> list[str]:
    """The keys that hold one of those words, all if there are none. Raises `ValueError` where
    nothing is called so."""
    keys = [*faults(), *sound_implementations()]
    unknown = [name for name in only if not any(name in key for key in keys)]
    if unknown:
        raise ValueError(f"--only {unknown[0]}: expected part of a name on {PAGE.name}")
    return [key for key in keys if not only or any(name in key for name in only)]


def _group(key: str) -> Group:
    return faults()[key].group if key in faults() else sound_implementations()[key].group


def _results(keys: Sequence[str], jobs: int, rows: Rows) -> Iterator[tuple[str, _Found]]:
    with ProcessPoolExecutor(jobs) as pool:
        asked = {pool.submit(_find, key, rows.faults.get(key, {})): key for key in keys}
        for future in as_completed(asked):
            yield asked[future], future.result()


def _run(only: Sequence[str], jobs: int) -> None:
    rows = read_rows()
    absent = not_built()
    keys = [key for key in _chosen(only) if _group(key) not in absent]
    for group in sorted(group.language for group in absent):
        print(f"{group}: toolchain missing, its rows stay as they were", file=sys.stderr)
    for number, (key, found) in enumerate(_results(keys, jobs, rows), 1):
        if isinstance(found, Accepted):
            rows.sound[key] = found
        else:
            rows.faults[key] = found
        print(f"{number}/{len(keys)} {key}: {_said(found)}", flush=True)
        write_rows(_in_order(rows))
    page = written(PAGE.read_text(encoding="utf-8"), _in_order(rows))
    PAGE.write_text(page, encoding="utf-8")


def _run_before(only: Sequence[str], jobs: int) -> None:
    told = read_before()
    keys = [
        key
        for key in of_new_kinds()
        if _group(key) not in not_built() and (not only or any(name in key for name in only))
    ]
    for number, (key, found) in enumerate(measure_before(keys, jobs), 1):
        told[key] = found
        said = "conforms" if found is None else f"{found.rule}, seen at {found.seen_at}"
        print(f"{number}/{len(keys)} {key}: {said}", flush=True)
        write_before(told)
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), read_rows()), encoding="utf-8")


def _said(found: _Found) -> str:
    if isinstance(found, Accepted):
        return f"{found.programs:,} programs, {found.deviating} deviate"
    return "; ".join(
        f"{mode.value}: {'not caught' if each is None else each.rule}"
        for mode, each in found.items()
    )


def _in_order(rows: Rows) -> Rows:
    """As the catalogue has them; what is gone from there is gone."""
    return Rows(
        {key: rows.faults[key] for key in faults() if key in rows.faults},
        {key: rows.sound[key] for key in sound_implementations() if key in rows.sound},
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="part of a name on the page"
    )
    parser.add_argument("--before", action="store_true", help="ask the oracle of before")
    parser.add_argument("--together", type=int, metavar="N", help="sets of so many faults")
    parser.add_argument("--sample", type=int, default=20, metavar="M", help="so many sets")
    given = parser.parse_args()
    for option in ("jobs", "sample", "together"):
        if (number := getattr(given, option)) is not None and number < 1:
            parser.error(f"--{option} {number}: expected 1 or more")
    if given.together is not None:
        for line in measure(given.together, given.sample, given.jobs):
            print(line, flush=True)
        return 0
    try:
        (_run_before if given.before else _run)(given.only, given.jobs)
    except ValueError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
