"""A real browser for the tests: Debian's chromium, spoken to over its debugging pipe."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
KEY_CODES: Final = {"Tab": 9, "Enter": 13}


class Browser:
    """One open page. What it was asked to load, and what it complained of, is kept."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to = to_browser
        self._from = from_browser
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        self.loaded: list[str] = []
        self.complaints: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        """Send one command and wait for its answer."""
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            request["sessionId"] = self._session
        os.write(self._to, json.dumps(request).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            self._note(message)
        assert "error" not in message, message["error"]
        result: dict[str, Any] = message["result"]
        return result

    def open(self, page: Path, *, width: int, dark: bool = False) -> None:
        """Load a file and wait until all of it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.loaded.clear()
        self.complaints.clear()
        self.ask("Page.navigate", url=page.as_uri())
        while (message := self._next()).get("method") != "Page.loadEventFired":
            self._note(message)

    def value(self, expression: str) -> Any:
        """What a piece of JavaScript, which the page's own policy does not bind, comes to."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press and let go of a key."""
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **code)

    def click(self, selector: str) -> None:
        """Press the left button of the mouse in the middle of the first such element."""
        found = f"document.querySelector({selector!r})"
        self.value(f"{found}.scrollIntoView({{block: 'center'}})")
        x, y = self.value(
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])({found}.getBoundingClientRect())"
        )
        button = {"x": x, "y": y, "button": "left", "clickCount": 1}
        self.ask("Input.dispatchMouseEvent", type="mousePressed", **button)
        self.ask("Input.dispatchMouseEvent", type="mouseReleased", **button)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            read = os.read(self._from, 1 << 16)
            assert read, "the browser has gone"
            self._unread += read
        message, _, self._unread = self._unread.partition(b"\0")
        decoded: dict[str, Any] = json.loads(message)
        return decoded

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        if message.get("method") == "Network.requestWillBeSent":
            self.loaded.append(params["request"]["url"])
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])


def _pipe() -> tuple[int, int]:
    """Both ends above 9, so that neither is in the way of 3 and 4."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl  # not on Windows, where this file is imported too

    ends = os.pipe()
    low, high = (fcntl(end, F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    return low, high


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile."""
    assert CHROMIUM is not None
    their_in, our_out = _pipe()
    our_in, their_out = _pipe()
    process = subprocess.Popen(
        # Its pipe is 3 and 4, which are other files here; a plain sh knows no numbers above 9.
        ["bash", "-c", f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}', CHROMIUM,
         "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-dev-shm-usage", "--remote-debugging-pipe",
         f"--user-data-dir={profile}"],
        pass_fds=(their_in, their_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(their_in)
    os.close(their_out)
    try:
        yield Browser(our_out, our_in)
    finally:
        process.kill()
        process.wait()
        os.close(our_out)
        os.close(our_in)
