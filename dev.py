#!/usr/bin/env python3
"""Set up, run and check SniperSight with nothing but Python.

usage: python3 dev.py COMMAND [arguments]
  setup             build or refresh the environment in .venv
  scan [args]       scan; without arguments 40 built-in markets, offline
  test [args]       every check and every test; with arguments: pytest alone
  lint [args]       ruff (arguments go to `ruff check`) and the import contract
  types [args]      mypy
  bench WORD        run benchmarks/bench_WORD.py (QUICK=1 shortens it)
  quality [N ...]   run what docs/quality.md promises, line by line, or of promises N alone
  docs              build the documents as a site in ./site, for any browser
  lock [args]       resolve the lock files again (`lock --upgrade` for newer versions)
  clean             remove the environments, caches and build results
  help              this text
Exit code 2 means that the environment could not be built; the message says why.
"""

# Keep this file readable by Python 3.6: an old interpreter must get as far as
# `unsupported_message` and not stop at a syntax error. Annotations stay quoted for that.
import contextlib
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from dev_environment import (
    DEV_LOCK,
    PEERS_LOCK,
    ROOT,
    UV_LOCK,
    SetupError,
    captured,
    child_environment,
    diagnose,
    ensure_environment,
    peers_environment,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPPORTED = ((3, 11), (3, 12), (3, 13))
OURS = ("src", "tests", "benchmarks")
FIRST_SCAN = ("--symbols", "top40")  # twenty markets show no plan on every other day
LEFTOVERS = (
    ".venv .venv-peers .venv-peers-risk build dist site mutants __pycache__ .hypothesis .pytest_cache "
    ".mypy_cache .ruff_cache .import_linter_cache .numba_cache"
).split()
CHECKS = {
    "mypy --strict": ["mypy"],  # the longest one first
    "ruff check": ["ruff", "check", "--quiet", "--output-format=concise"],
    "ruff format": ["ruff", "format", "--check", "--output-format=concise"],
    "import contract": ["lint-imports"],
    # Beside mypy, which takes one core: otherwise every worker of the tests did both anew.
    "collecting tests": ["pytest", "-qqq", "--collect-only"],
    "compiling detectors": ["python", "-m", "tests.fakes.compiling"],
}


def unsupported_message(version: "Sequence[int]", executable: str) -> str:
    """Say which Python this is and which one SniperSight needs."""
    needs, found = "SniperSight needs Python 3.11, 3.12 or 3.13", ".".join(map(str, version))
    return f"{needs}; this is {found} at {executable}; install one or run python3.12 dev.py scan"


def supported_interpreter() -> "str | None":
    """Return a supported Python from PATH, proven by running it: a shim may lead nowhere."""
    for major, minor in reversed(SUPPORTED):
        path = shutil.which(f"python{major}.{minor}")
        probe = f"import sys; print(sys.version_info[:2] == ({major}, {minor}))"
        with contextlib.suppress(OSError):
            if path and captured([path, "-c", probe])[1].strip() == "True":
                return path
    return None


def hand_over_or_explain(arguments: "Sequence[str]") -> int:
    """Start again under a supported Python; without one, say so and return 2."""
    path = supported_interpreter()
    if path is not None:
        os.execv(path, [path, str(ROOT / "dev.py"), *arguments])
    say(unsupported_message(sys.version_info[:3], sys.executable))
    return 2


def setup(_: "Sequence[str]") -> int:
    """Build or refresh the environment."""
    say(f"Ready: {ensure_environment()}")
    return 0


def scan(arguments: "Sequence[str]") -> int:
    """Become `snipersight scan`; without arguments, of the built-in market's 40 largest markets."""
    program = str(ensure_environment() / "snipersight")
    os.execve(program, [program, "scan", *(arguments or FIRST_SCAN)], child_environment())


def test(arguments: "Sequence[str]") -> int:
    """Run every check, then every test, even after a failure; with arguments pytest alone."""
    programs = ensure_environment()
    if arguments:
        return run(programs / "pytest", *arguments)
    with ThreadPoolExecutor(max_workers=2) as pool:
        ended = pool.map(lambda check: passes(*check, programs=programs), CHECKS.items())
        failed = [name for name, is_well in zip(CHECKS, ended, strict=True) if not is_well]
    if failed:
        print(f"FAILED, besides what pytest finds: {', '.join(failed)}", flush=True)
    # pytest comes last, so that its summary closes the output.
    # More than there are cores: the long tests wait for servers and processes most of their time.
    workers = str(min(8, (os.cpu_count() or 2) + 2))
    tests = run(programs / "pytest", "-q", "-n", workers, "--dist", "worksteal")
    return tests or int(bool(failed))


def passes(name: str, line: "list[str]", *, programs: Path) -> bool:
    """Run one check; print its result and time, and before them its output if it failed."""
    started = time.monotonic()
    code, output = captured([str(programs / line[0]), *line[1:]])
    verdict = f"FAIL {name}" if code else f"ok   {name}"
    print(f"{output if code else ''}{verdict:<22}{time.monotonic() - started:6.1f} s", flush=True)
    return code == 0


def run(program: Path, *arguments: str, **extra: str) -> int:
    """Run a program in the foreground, with extra variables; return its exit code."""
    variables = dict(child_environment(), **extra)
    return subprocess.call([str(program), *arguments], env=variables, cwd=str(ROOT))


def lint(arguments: "Sequence[str]") -> int:
    """Check style, format and the import contract."""
    programs = ensure_environment()
    checks = (["ruff", "check", *arguments], ["ruff", "format", "--check"], ["lint-imports"])
    return max([run(programs / name, *options) for name, *options in checks])


def types(arguments: "Sequence[str]") -> int:
    """Check types."""
    return run(ensure_environment() / "mypy", *arguments)


def bench(arguments: "Sequence[str]") -> int:
    """Run one benchmark with the project's Python; build the peers' for one that asks."""
    folder = ROOT / "benchmarks"
    known = sorted(path.stem[len("bench_") :] for path in folder.glob("bench_*.py"))
    if not arguments or arguments[0] not in known:
        say(f"usage: python3 dev.py bench WORD, with WORD one of: {', '.join(known) or '(none)'}")
        return 2
    script = folder / f"bench_{arguments[0]}.py"
    programs = ensure_environment()
    asks = "SNIPERSIGHT_PEERS_PYTHON" in script.read_text(encoding="utf-8")
    peers = peers_environment(word=arguments[0]) if asks else {}
    module = f"benchmarks.{script.stem}"  # as a module, so that it finds its neighbours
    return run(programs / "python", "-m", module, *arguments[1:], **peers)


def quality(arguments: "Sequence[str]") -> int:
    """Run what the promises of docs/quality.md are shown by."""
    return run(ensure_environment() / "python", "-m", "benchmarks.quality", *arguments)


def docs(_: "Sequence[str]") -> int:
    """Build the site of the documents; a link that leads nowhere is an error."""
    quiet = {"NO_MKDOCS_2_WARNING": "1"}  # otherwise it advertises its successor
    code = run(ensure_environment() / "mkdocs", "build", "--strict", **quiet)
    if code == 0:
        say("Open site/index.html in a browser")
    return code


def lock(arguments: "Sequence[str]") -> int:
    """Resolve every lock again: one version for all platforms, hashes, no index address."""
    uv = ensure_environment() / "uv"
    options = "--universal --generate-hashes --no-header --no-emit-index-url --quiet".split()
    options += "--python-version 3.11 --fork-strategy fewest".split()
    jobs = {
        "requirements.lock": ["pyproject.toml"],
        DEV_LOCK: ["--extra", "dev", "-c", "requirements.lock", "pyproject.toml"],
        UV_LOCK: ["requirements-uv.in"],
        PEERS_LOCK: ["benchmarks/peers.in"],
        "benchmarks/peers_risk.lock": ["benchmarks/peers_risk.in"],
        "benchmarks/peers_backtest.lock": ["benchmarks/peers_backtest.in"],
    }
    for target, source in jobs.items():
        say(f"resolving {target}")
        if run(uv, "pip", "compile", *options, *arguments, "-o", target, *source) != 0:
            return 1
    return 0


def clean(_: "Sequence[str]") -> int:
    """Remove what set-up, checks and builds leave behind; never data of a run."""
    compiled = [path for top in OURS for path in (ROOT / top).glob("**/__pycache__")]
    for path in [*compiled, *(ROOT / name for name in LEFTOVERS)]:
        shutil.rmtree(path, ignore_errors=True)
    return 0


COMMANDS = {
    task.__name__: task
    for task in (setup, scan, test, lint, types, bench, quality, docs, lock, clean)
}


def main(arguments: "Sequence[str]") -> int:
    """Run one command and return its exit code."""
    if sys.version_info[:2] not in SUPPORTED:
        return hand_over_or_explain(arguments)
    name = arguments[0] if arguments else "help"
    if name in ("help", "-h", "--help"):
        print(__doc__, end="")
        return 0
    if name not in COMMANDS:
        say(f"dev.py: no command {name!r}; python3 dev.py help lists them")
        return 2
    try:
        return COMMANDS[name](arguments[1:])
    except SetupError as problem:
        say(str(problem))
    except OSError as problem:
        say(diagnose(f"working in {ROOT}", str(problem)))
    except KeyboardInterrupt:
        say("Interrupted; the next call picks up from here")
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
