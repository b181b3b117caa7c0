"""A headless Chromium that is told what to do: the DevTools protocol over a pipe."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from select import select
from typing import Any, BinaryIO, Final

SECONDS: Final = 60


class Browser:
    """One page in a browser."""

    def __init__(self, told: BinaryIO, heard: int) -> None:
        self._told: Final = told
        self._heard: Final = heard
        self._numbers: Final = count(1)
        self._rest = b""
        self._session: str | None = None
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        attached = self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.complaints: Final[list[str]] = []
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Do that, and wait for what comes of it."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        self._told.write(json.dumps(message).encode() + b"\0")
        self._told.flush()
        while True:
            heard = self._next()
            if heard.get("id") == number:
                assert "error" not in heard, heard["error"]
                result: dict[str, Any] = heard["result"]
                return result

    def open(self, address: str) -> None:
        """Open that page, from nothing, and wait until it is loaded."""
        self.do("Page.navigate", url="about:blank")
        self.do("Page.navigate", url=address)
        while self.ask("document.readyState") != "complete" or self.ask("location.href") == (
            "about:blank"
        ):
            pass

    def ask(self, expression: str) -> Any:
        """What an expression comes to in the page, promises waited for. Fails where it throws."""
        answered = self.do(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in answered, answered["exceptionDetails"]
        return answered["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key and let it go."""
        code = {"Tab": 9, "Enter": 13, " ": 32}[key]
        text = {"Enter": "\r", " ": " "}.get(key, "")
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 8 if shift else 0}
        kind = "keyDown" if text else "rawKeyDown"
        self.do("Input.dispatchKeyEvent", type=kind, text=text, **common)
        self.do("Input.dispatchKeyEvent", type="keyUp", **common)

    def look(self, width: int, height: int, *, dark: bool) -> None:
        """Look at it through a window of that size, in the dark or not."""
        self.do(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.do("Emulation.setEmulatedMedia", features=[scheme])

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select([self._heard], [], [], SECONDS)
            assert ready, f"Chromium said nothing for {SECONDS} seconds"
            more = os.read(self._heard, 1 << 16)
            assert more, "Chromium is gone"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        heard: dict[str, Any] = json.loads(message)
        if heard.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"}:
            self.complaints.append(json.dumps(heard["params"])[:2_000])
        return heard


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser that keeps its things in `folder`, and ends with the block."""
    told, heard = os.pipe(), os.pipe()
    command = (
        # Chromium reads from 3 what it is told, and writes to 4 what comes of it.
        *("bash", "-c", f'exec "$0" "$@" 3<&{told[0]} 4>&{heard[1]}'),
        *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--disable-background-networking", "--remote-debugging-pipe"),
        f"--user-data-dir={folder / 'profile'}",
    )
    with ExitStack() as stack:
        telling = stack.enter_context(os.fdopen(told[1], "wb"))
        stack.callback(os.close, heard[0])
        process = subprocess.Popen(command, pass_fds=(told[0], heard[1]), stderr=subprocess.DEVNULL)
        stack.callback(process.wait)
        stack.callback(process.kill)
        os.close(told[0])
        os.close(heard[1])
        yield Browser(telling, heard[0])
