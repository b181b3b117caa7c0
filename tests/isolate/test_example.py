"""The example that people copy: bodies stream through the guest, in bounded memory."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import aiohttp
from aiohttp import web

SERVER = Path(__file__).parent.parent.parent / "examples" / "isolate_http" / "server.py"
MIB = 1024 * 1024


def server() -> ModuleType:
    spec = spec_from_file_location("isolate_http_server", SERVER)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def through(mebibytes: int) -> int:
    """Send so much through the server; how much came back."""
    runner = web.AppRunner(server().application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    async def body() -> AsyncIterator[bytes]:
        for _ in range(mebibytes):
            yield b"ab" * (MIB // 2)

    got = 0
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/") as refused:
            assert refused.status == 405
        async with session.post(f"http://127.0.0.1:{port}/x", data=body()) as response:
            assert response.status == 200
            async for chunk in response.content.iter_any():
                assert set(chunk) <= {ord("A"), ord("b")}
                got += len(chunk)
    await runner.cleanup()
    return got


def test_bodies_stream_through() -> None:
    assert asyncio.run(through(3)) == 3 * MIB


def test_a_large_body_takes_no_more_memory_than_a_small_one() -> None:
    """Each in a process of its own, of which the most that it ever had is asked."""
    assert peak(24) - peak(2) < 24 * MIB // 2


def peak(mebibytes: int) -> int:
    program = (
        "import asyncio, resource; from tests.isolate.test_example import through;"
        f"asyncio.run(through({mebibytes}));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SERVER.parent.parent.parent)},
    )
    return int(done.stdout)
