"""A headless Chromium that tests drive through its own debugging protocol."""

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    "",
)
NO_BROWSER = "Chromium is absent (apt install chromium)"
START_S = 60
STEP_S = 0.05


@contextmanager
def running_browser(folder: Path) -> Iterator[int]:
    """Run a browser with a profile of its own and offer the port it is driven through."""
    command = [
        PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--hide-scrollbars", "--remote-debugging-port=0",
        f"--user-data-dir={folder}", "about:blank",
    ]  # fmt: skip
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True) as browser:
        try:
            yield _port_of(browser, folder / "DevToolsActivePort")
        finally:
            browser.terminate()
            browser.wait(30)


def _port_of(browser: subprocess.Popen[bytes], file: Path) -> int:
    until = time.monotonic() + START_S
    while time.monotonic() < until and browser.poll() is None:
        if file.is_file() and (lines := file.read_text().split()):
            return int(lines[0])
        time.sleep(STEP_S)
    raise RuntimeError("Chromium did not start")


class Page:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._last = 0

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._last += 1
        await self._socket.send_json({"id": self._last, "method": method, "params": parameters})
        while True:
            answer = json.loads((await self._socket.receive(timeout=START_S)).data)
            if answer.get("id") == self._last:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    async def run(self, script: str) -> Any:
        """Return the value of an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression is true."""
        for _ in range(round(START_S / STEP_S)):
            if await self.run(script):
                return
            await asyncio.sleep(STEP_S)
        raise AssertionError(f"never true: {script}")

    async def picture(self) -> bytes:
        """Return what the page looks like, as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def opened(
    port: int, url: str, *, width: int = 390, height: int = 844
) -> AsyncIterator[Page]:
    """Offer a new page of a size that shows an address."""
    root = f"http://127.0.0.1:{port}/json"
    async with aiohttp.ClientSession() as client:
        async with client.put(f"{root}/new?about:blank") as answer:
            target = await answer.json()
        async with client.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
            page = Page(socket)
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
            await page.call("Emulation.setDeviceMetricsOverride", **size)
            await page.call("Page.navigate", url=url)
            await page.until(
                "document.readyState === 'complete' && location.href !== 'about:blank'"
            )
            yield page
        async with client.get(f"{root}/close/{target['id']}") as answer:
            await answer.read()
