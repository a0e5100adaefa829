"""Plug-ins on the path, and the means to start one and to end it again."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from snipersight.bot.hooks.process import HookLimits
from snipersight.bot.hooks.restarts import Restarts
from tests.fakes.hook_plugins import Watched, install_bad_hooks, watched

Start = Callable[..., Watched]


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of the path with the badly behaved plug-ins."""
    folder = tmp_path / "packages"
    folder.mkdir()
    install_bad_hooks(folder)
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def start(packages: Path, tmp_path: Path) -> Iterator[Start]:
    """Offer `start(name, **limits)`; whatever was started is ended."""
    running: list[Watched] = []

    def started(name: str, *, first_pause_s: float = 0.1, **limits: Any) -> Watched:
        folder = tmp_path / f"work-{len(running)}"
        folder.mkdir()
        running.append(watched(name, folder, HookLimits(**limits), Restarts(first_pause_s)))
        return running[-1]

    yield started
    for one in running:
        one.supervisor.stop(within_s=0)
        one.supervisor.join()
