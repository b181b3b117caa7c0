"""The extracted specification, built once for all tests of a process."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that the specification is extracted to, built as the gate builds it."""
    program = tmp_path_factory.mktemp("extracted") / "registry"
    subprocess.run([ROOT / "spec" / "check", "program", program], check=True)
    return program
