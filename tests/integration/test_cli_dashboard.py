"""`snipersight dashboard` as a process: no bot alive, a store that goes away, and a quiet end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from snipersight.bootstrap.access.tokens import make_token
from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.settings import VARIABLES, Settings
from snipersight.domain.access import Scope

MOST_MB = 250
PAGE = {"accept": "text/html"}


@dataclass(kw_only=True)
class Running:
    """A dashboard that serves a home, and the program beside it."""

    home: Path
    disk: Path
    url: str
    process: subprocess.Popen[str]
    env: dict[str, str]
    errors: Path

    def program(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the program on the same home."""
        return subprocess.run(
            [sys.executable, "-m", "snipersight", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            env=self.env,
            check=True,
        )

    def token(self, name: str, scope: Scope) -> str:
        """Make a token, as another process does."""
        settings = Settings(
            snipersight_home=self.home, database_url=SecretStr(self.env["DATABASE_URL"])
        )
        with open_books(settings, account_id=None, follows_balance=False) as books:
            return make_token(books, name, scope).secret

    def client(self, token: str) -> httpx.Client:
        """Return a program that shows a token."""
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    """Return a dashboard whose store is on a disk that is not there yet."""
    folder = tmp_path_factory.mktemp("dashboard")
    names = {name: os.environ[name] for name in os.environ if name not in VARIABLES}
    env = names | {
        "SNIPERSIGHT_HOME": str(folder / "home"),
        "DATABASE_URL": f"sqlite:///{folder}/disk/snipersight.db",
        "RUN_LISTEN": "none",
        "COLUMNS": "160",
    }
    errors = folder / "errors"
    with errors.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "snipersight", "dashboard", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            env=env,
            cwd=folder,
        )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        yield Running(
            home=folder / "home",
            disk=folder / "disk",
            url=url,
            process=process,
            env=env,
            errors=errors,
        )
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def admin(running) -> str:
    """Return a token that may do everything."""
    running.disk.mkdir(exist_ok=True)
    made: str = running.token("laptop", Scope.ADMIN)
    return made


def test_it_starts_without_its_store_says_so_and_goes_on_when_that_is_there(running):
    assert running.url.startswith("http://127.0.0.1:")
    assert "the dashboard waits for it" in running.errors.read_text()
    assert httpx.get(f"{running.url}/healthz").json() == {"status": "ok"}
    stale = {"authorization": "Bearer x"}
    refused = httpx.get(f"{running.url}/api/v1/signals", headers=stale)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert "disk" in refused.json()["detail"]["where"]
    page = httpx.get(running.url, headers=PAGE | stale)
    assert (page.status_code, 'http-equiv="refresh"' in page.text) == (503, True)
    running.disk.mkdir()
    with running.client(running.token("first", Scope.READ)) as client:
        assert client.get("/api/v1/signals").status_code == 200


def test_a_browser_logs_in_and_sees_the_pages(running, admin):
    with httpx.Client(base_url=running.url, headers={"origin": running.url}) as browser:
        assert browser.post("/login", data={"token": "wrong"}).status_code == 401
        assert browser.post("/login", data={"token": admin}).status_code == 303
        for path in ("/", "/book", "/risk", "/system"):
            page = browser.get(path, headers=PAGE)
            assert (page.status_code, "_nicegui" in page.text) == (200, True), path
        assert browser.get("/_nicegui_ws/socket.io/?EIO=4&transport=polling").status_code < 500
        assert browser.post("/logout").status_code == 303
        assert browser.get("/", headers=PAGE).status_code == 303


def test_a_pause_and_a_kill_hold_with_no_bot_alive_and_the_audit_says_who(running, admin):
    with running.client(admin) as client:
        paused = client.post("/api/v1/commands", json={"kind": "pause", "reason": "news"})
        assert (paused.status_code, paused.json()["state"]) == (200, "done")
        killed = client.post("/api/v1/commands", json={"kind": "kill"})
        assert killed.status_code == 200
    records = json.loads(running.program("audit", "list", "--json").stdout)["records"]
    ours = [one for one in records if one["actor"] == "dashboard:laptop"]
    assert {"breaker", "kill", "operator"} <= {one["kind"] for one in ours}
    assert any(one["body"].get("breaker", {}).get("state") == "HALTED" for one in ours)


def test_a_token_that_may_look_may_do_nothing_else(running):
    with running.client(running.token("screen", Scope.READ)) as client:
        for kind in ("pause", "kill", "approve", "cancel"):
            said = client.post("/api/v1/commands", json={"kind": kind, "plan_id": "x"})
            assert said.status_code == 403
        assert client.post("/api/v1/commands", json={"kind": "resume"}).status_code in (403, 422)


def test_what_the_api_does_not_know_it_answers_as_the_api(running, admin):
    with running.client(admin) as client:
        unknown = client.get("/api/v1/nothing")
        assert (unknown.status_code, "what" in unknown.json()["detail"]) == (404, True)
        other = client.delete("/api/v1/signals")
        assert (other.status_code, other.headers["allow"]) == (405, "GET")


def test_forged_hosts_and_origins_and_strange_paths_end_at_the_door(running, admin):
    with running.client(admin) as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 421
        for origin in ("http://evil.example", "http://127.0.0.1:1", "null"):
            said = client.post(
                "/api/v1/commands", json={"kind": "pause"}, headers={"origin": origin}
            )
            assert said.status_code == 403
        for path in ("/%2e%2e/%2e%2e/etc/passwd", "/_nicegui/..%2f..%2fapp.py", "/a%00b", "/%5cx"):
            assert client.get(path).status_code in (400, 404)
        large = client.post("/api/v1/commands", content=b"x" * 100_000)
        assert large.status_code == 413


def test_hundreds_of_silent_connections_keep_nobody_out(running, admin):
    host, port = running.url.rpartition("/")[2].split(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(700)]
    try:
        with running.client(admin) as client:
            began = time.monotonic()
            assert client.get("/api/v1/signals").status_code == 200
            assert time.monotonic() - began < 5
    finally:
        for one in silent:
            one.close()


def test_it_takes_little_memory_and_ends_at_once_leaving_no_secret_behind(running, admin):
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    (rss,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(rss.split()[1]) < MOST_MB * 1024
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(15) == 0
    logs = [running.errors, *running.home.rglob("*.log*"), *running.home.rglob("*.jsonl*")]
    assert not any(admin.encode() in one.read_bytes() for one in logs if one.is_file())
