"""Plug-ins that behave as badly as plug-ins can, as a package on the path."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from snipersight.bot.hooks.finding import find_hook
from snipersight.bot.hooks.process import HookLimits
from snipersight.bot.hooks.restarts import Restarts
from snipersight.bot.hooks.states import HookState, HookTrouble
from snipersight.bot.hooks.supervising import HookSupervisor
from snipersight.domain.hooks import HookEvent

MODULE = '''
import os, sys, time
from snipersight.bot.hooks import hookimpl

class Good:
    """Writes down what it is told."""
    @hookimpl
    def scan_finished(self, context_id, at_ms, data):
        with open("told.txt", "a") as stream:
            stream.write(f"{context_id} {at_ms} {data}\\n")
    @hookimpl
    def before_stage(self, stage):
        with open("told.txt", "a") as stream:
            stream.write(f"before {stage}\\n")

class Raising(Good):
    @hookimpl
    def plan_approved(self, data):
        raise KeyError(data["key"])
    @hookimpl
    def plan_refused(self):
        sys.exit("enough")

class Hanging(Good):
    @hookimpl
    def plan_approved(self):
        self.asleep()
    def asleep(self):
        time.sleep(600)

class Stubborn(Good):
    """Cannot end itself: its process is stopped."""
    @hookimpl
    def plan_approved(self):
        import signal
        os.kill(os.getpid(), signal.SIGSTOP)

class Leaking(Good):
    def __init__(self):
        self.kept = []
    @hookimpl
    def plan_approved(self):
        while True:
            self.kept.append(b"x" * 4_000_000)

class LeakingFiles(Good):
    kept = []
    @hookimpl
    def plan_approved(self):
        while True:
            self.kept.append(open(os.devnull))

class Leaving(Good):
    @hookimpl
    def plan_approved(self):
        os._exit(7)
    @hookimpl
    def plan_refused(self):
        os.abort()

class Flooding(Good):
    @hookimpl
    def plan_approved(self):
        while True:
            print("flood " * 1000)

class Talking(Good):
    @hookimpl
    def plan_approved(self):
        print("it says hello")
        print("and complains", file=sys.stderr)

class Slow(Good):
    @hookimpl
    def plan_approved(self):
        time.sleep(0.2)

class Curious(Good):
    """Writes down its surroundings."""
    @hookimpl
    def plan_approved(self):
        import json
        seen = {"environment": dict(os.environ), "folder": os.getcwd(), "input": sys.stdin.read()}
        open("seen.json", "w").write(json.dumps(seen))

class Parent(Good):
    """Starts a program that outlives it."""
    @hookimpl
    def plan_approved(self):
        import subprocess
        child = subprocess.Popen(["sleep", "600"])
        open("child.txt", "w").write(str(child.pid))
        os._exit(0)

class Greedy:
    @hookimpl
    def plan_approved(self, price):
        pass

class Mistaken:
    @hookimpl
    def on_scan(self):
        pass

class Later:
    @hookimpl
    async def plan_approved(self):
        pass

class Unmarked:
    def plan_approved(self):
        pass

def broken():
    pass
'''
POINTS = """
[snipersight.hooks]
good = bad_hooks:Good
raising = bad_hooks:Raising
hanging = bad_hooks:Hanging
stubborn = bad_hooks:Stubborn
leaking = bad_hooks:Leaking
files = bad_hooks:LeakingFiles
leaving = bad_hooks:Leaving
flooding = bad_hooks:Flooding
talking = bad_hooks:Talking
slow = bad_hooks:Slow
curious = bad_hooks:Curious
parent = bad_hooks:Parent
greedy = bad_hooks:Greedy
mistaken = bad_hooks:Mistaken
later = bad_hooks:Later
unmarked = bad_hooks:Unmarked
absent = no_such_module:Hook
twice = bad_hooks:Good
"""


def write_package(folder: Path, name: str, points: str) -> None:
    """Write what an installed package leaves for others to find."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)


def install_bad_hooks(folder: Path) -> None:
    """Write a package with every plug-in of `MODULE`, and one that claims a name of its."""
    (folder / "bad_hooks.py").write_text(MODULE)
    write_package(folder, "bad_hooks", POINTS)
    write_package(folder, "rival", "[snipersight.hooks]\ntwice = bad_hooks:Slow\n")


def an_event(name: str = "plan_approved", **values: Any) -> HookEvent:
    """Return an event of the scan `scan_1`."""
    return replace(HookEvent(name=name, at_ms=5, context_id="scan_1"), **values)


@dataclass
class Watched:
    """One plug-in under supervision, and what was reported of it."""

    supervisor: HookSupervisor
    folder: Path
    reported: list[HookTrouble] = field(default_factory=list)

    def state(self) -> HookState:
        """Return how it is doing."""
        return self.supervisor.state()

    def tell(self, *events: HookEvent) -> None:
        """Offer it events."""
        for event in events:
            self.supervisor.offer(event)

    def until(self, is_so: Callable[[HookState], object], seconds: float = 20) -> HookState:
        """Return its state once something holds; it must within some seconds."""
        end_s = time.monotonic() + seconds
        while not is_so(state := self.state()):
            assert time.monotonic() < end_s, (state, self.reported)
            time.sleep(0.01)
        return state

    def told(self) -> str:
        """Return what a good plug-in has written down."""
        path = self.folder / "told.txt"
        return path.read_text() if path.exists() else ""


def watched(
    name: str, folder: Path, limits: HookLimits, restarts: Restarts | None = None
) -> Watched:
    """Start a plug-in of the path."""
    point = find_hook(name)
    # Whatever brings `importlib_metadata` along has entry points of its class found from then on.
    assert not isinstance(point, str), point
    reported: list[HookTrouble] = []
    supervisor = HookSupervisor(
        point, limits, folder=folder, report=reported.append, restarts=restarts
    )
    return Watched(supervisor, folder, reported)
