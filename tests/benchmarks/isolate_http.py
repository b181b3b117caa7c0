"""Large bodies through the example: `python -m tests.benchmarks.isolate_http [--mebibytes N]`.

Each goes through the guest of `examples/isolate_http` and back, in a process that has server and
client, and of which the most memory that it ever had is asked.
"""

from __future__ import annotations

from argparse import ArgumentParser
from time import perf_counter
from typing import Final

from tests.isolate.test_example import peak

SMALL: Final = 1


def main() -> None:
    """Print a row for a small body, and one for a large one."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=100)
    print("| body | there and back in | most memory |\n|---|---|---|")
    for mebibytes in (SMALL, parser.parse_args().mebibytes):
        began = perf_counter()
        most = peak(mebibytes)
        seconds = perf_counter() - began
        print(f"| {mebibytes} MiB | {seconds:.1f} s, with the start | {most / 1e6:.1f} MB |")


if __name__ == "__main__":
    main()
