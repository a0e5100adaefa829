"""`python3 dev.py quality`: run what docs/quality.md names, line by line, and say how it went.

The page is the list: what it names is run, so the two cannot differ. Usage:
`python -m benchmarks.quality [PROMISE …]` with numbers of promises; all without one.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs/quality.md"
_PROMISE: Final = re.compile(r"^## (\d+)\. (.+)$")
_LINE: Final = re.compile(r"^\| (.+) \| `python3 dev\.py test ([^`]+)` \| .+ \|$")
_COUNT: Final = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
_WIDE: Final = 74


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page.

    Args:
        promise: its number.
        claim: what is shown.
        paths: of the tests that show it.
    """

    promise: int
    claim: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """How a line went.

    Args:
        is_shown: whether its tests ran and passed.
        words: counts, or what went wrong.
        seconds: that it took.
        output: of the tests where they failed.
    """

    is_shown: bool
    words: str
    seconds: float
    output: str = ""


def lines_of(page: str) -> Iterator[Line]:
    """Yield the lines of the page in their order."""
    promise = 0
    for text in page.splitlines():
        if found := _PROMISE.match(text):
            promise = int(found[1])
        elif found := _LINE.match(text):
            yield Line(promise, found[1], tuple(found[2].split()))


def promises_of(page: str) -> dict[int, str]:
    """Return the promises of the page by number."""
    found = (_PROMISE.match(text) for text in page.splitlines())
    return {int(one[1]): one[2] for one in found if one}


def shown(line: Line) -> Shown:
    """Run the tests of a line."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "--no-header", *line.paths]
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return judged(done.returncode, done.stdout + done.stderr, time.monotonic() - started)


def judged(code: int, output: str, seconds: float) -> Shown:
    """Return how tests went that ended with a code; with none that passed nothing is shown."""
    last = next((text for text in reversed(output.splitlines()) if _COUNT.search(text)), "")
    words = ", ".join(f"{count} {what}" for count, what in _COUNT.findall(last)) or f"code {code}"
    is_shown = code == 0 and "passed" in words
    return Shown(is_shown, words, seconds, "" if is_shown else output)


def main(arguments: Sequence[str]) -> int:
    """Run the lines of the wanted promises; return 1 if one is not shown, 2 for a wrong number."""
    page = PAGE.read_text(encoding="utf-8")
    promises = promises_of(page)
    if unknown := [one for one in arguments if not one.isdecimal() or int(one) not in promises]:
        print(f"no promise {unknown[0]}; there are {min(promises)} to {max(promises)}")
        return 2
    wanted = {int(one) for one in arguments} or set(promises)
    results = [
        _run(number, title, list(lines_of(page)))
        for number, title in promises.items()
        if number in wanted
    ]
    missing = sum(results)
    print(f"\n{'all of it is shown' if not missing else f'NOT SHOWN: {missing} lines'}")
    return int(bool(missing))


def _run(number: int, title: str, lines: Sequence[Line]) -> int:
    """Run the lines of a promise, print each, and return how many are not shown."""
    print(f"\n{number}. {title}", flush=True)
    missing = 0
    for line in lines:
        if line.promise == number:
            done = shown(line)
            missing += not done.is_shown
            mark = "ok  " if done.is_shown else "FAIL"
            claim = line.claim if len(line.claim) <= _WIDE else f"{line.claim[: _WIDE - 1]}…"
            print(f"  {mark} {claim:<{_WIDE}} {done.seconds:7.1f} s  {done.words}", flush=True)
            if done.output:
                print(done.output, flush=True)
    return missing


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
