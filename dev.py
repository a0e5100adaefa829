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
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUPPORTED = ((3, 11), (3, 12), (3, 13))
ROOT = Path(__file__).resolve().parent
UV_LOCK, DEV_LOCK = "requirements-uv.lock", "requirements-dev.lock"
OURS = ("src", "tests", "benchmarks")
FIRST_SCAN = ("--symbols", "top40")  # twenty markets show no plan on every other day
PEERS_LOCK = "benchmarks/peers.lock"
STAMP_NAME = "dev-stamp"
LEFTOVERS = (
    ".venv .venv-peers .venv-peers-risk build dist site mutants __pycache__ .hypothesis .pytest_cache "
    ".mypy_cache .ruff_cache .import_linter_cache .numba_cache"
).split()

# What the output of venv, pip and uv gives away, the surest sign first, and what to do.
CAUSES = {
    r"no space left|quota exceeded": "The disk is full: free about 2 GB and call again.",
    r"read-only file system|permission denied|operation not permitted": "A folder cannot be "
    "written: give your user write access to {root} and to pip's cache, then call again.",
    r"ensurepip is not\s+available|no module named '?(ensurepip|venv)": "This Python lacks the venv "
    "module. On Debian and Ubuntu: apt install python3-venv (as root), then call again.",
    r"do not match the hashes|hash mismatch": "A download differs from the lock file: call again; "
    "if it stays, ask whoever runs the package mirror.",
    r"name resolution|service not known|nodename nor servname|failed to (establish|fetch)|"
    r"max retries|error sending request|dns error|connection (refused|reset|aborted)|"
    r"unreachable|timed out|proxyerror|sslerror|certificate": "The package index cannot be "
    "reached: check the network, the proxy and pip's index settings, then call again.",
    r"no matching distribution": "The package index has no build for this platform: "
    "check pip's index settings, or use another Python version.",
}


class SetupError(Exception):
    """The environment cannot be built; the text says why and what to do next."""


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


def child_environment() -> "dict[str, str]":
    """Return the environment for children: .venv alone decides what they import."""
    # They may always write bytecode: without it every start takes five times as long.
    dropped = ("PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in dropped}


def fingerprint(root: Path, locks: "Sequence[str]") -> "dict[str, str]":
    """Describe what an environment depends on; a differing entry makes it stale."""
    machine = os.uname()
    python = "python{}.{}".format(*sys.version_info[:2])
    return {
        "base": f"{python} {machine.sysname} {machine.machine} {root}",
        "packages": _digest(root, locks),
        "project": _digest(root, ("pyproject.toml", "src/snipersight/__init__.py")),
    }


def _digest(root: Path, names: "Sequence[str]") -> str:
    import hashlib  # here, because only this function needs it and every call pays for it

    return hashlib.sha256(b"".join((root / name).read_bytes() for name in names)).hexdigest()


def read_stamp(venv: Path) -> "dict[str, str]":
    """Return the fingerprint a complete environment was built from, else nothing."""
    stamp = venv / STAMP_NAME
    if not stamp.exists() or not (venv / "bin/python").exists():
        return {}  # half made, or its base interpreter was removed
    lines = stamp.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_stamp(venv: Path, facts: "dict[str, str]") -> None:
    """Mark the environment complete; the last step of every set-up."""
    lines = (f"{name}={value}\n" for name, value in facts.items())
    (venv / STAMP_NAME).write_text("".join(lines), encoding="utf-8")


def ensure_environment(root: Path = ROOT) -> Path:
    """Return the folder of the project's programs, after building .venv where needed."""
    venv = root / ".venv"
    facts = fingerprint(root, (UV_LOCK, DEV_LOCK))
    if read_stamp(venv) != facts:
        with one_at_a_time(root):
            stamp = read_stamp(venv)  # a call that held the lock may have done the work
            if stamp != facts:
                _set_up(root, venv, stamp=stamp, facts=facts)
    return venv / "bin"


def _set_up(root: Path, venv: Path, *, stamp: "dict[str, str]", facts: "dict[str, str]") -> None:
    """Bring the environment up to date; start over unless its base is intact."""
    started = time.monotonic()
    say(f"Setting up {venv.name} with Python {sys.version.split()[0]}")
    if stamp.get("base") != facts["base"]:
        create_venv(venv)
        stamp = {}
    (venv / STAMP_NAME).unlink(missing_ok=True)  # from here on a break means: start over
    if stamp.get("packages") != facts["packages"]:
        install_uv(root, venv)
        install_packages(venv, root / DEV_LOCK, uv=venv / "bin" / "uv")
    install_project(root, venv)
    write_stamp(venv, facts)
    say(f"Environment ready after {time.monotonic() - started:.0f} s")


def create_venv(venv: Path) -> None:
    """Make a new, empty environment in place of whatever is there."""
    shutil.rmtree(venv, ignore_errors=True)
    base = getattr(sys, "_base_executable", None) or sys.executable
    run_step("creating the environment", [base, "-m", "venv", str(venv)])


def install_uv(root: Path, venv: Path) -> None:
    """Install uv; a platform without a build of it goes on with pip alone."""
    try:
        pip_install(venv, root / UV_LOCK, "--only-binary=:all:", label="fetching the installer")
    except SetupError as problem:
        if "no build for this platform" not in str(problem):
            raise


def install_packages(venv: Path, lock: Path, *, uv: Path) -> None:
    """Install exactly what the lock lists, every file checked against its hash."""
    label = f"installing {lock.name} (the first time about 250 MB to download)"
    if uv.exists():
        options = ["--compile-bytecode", "--require-hashes", "--python", str(venv / "bin/python")]
        with contextlib.suppress(SetupError):
            run_step(label, [str(uv), "pip", "sync", *options, str(lock)])
            return
    # Where uv is absent or fails: pip alone reads pip's index settings.
    pip_install(venv, lock, label=label + " with pip")


def pip_install(venv: Path, lock: Path, *options: str, label: str) -> None:
    """Install a lock file with the environment's own pip."""
    command = [str(venv / "bin/python"), "-m", "pip", "install", "--disable-pip-version-check"]
    run_step(label, [*command, "--require-hashes", *options, "-r", str(lock)])


def install_project(root: Path, venv: Path) -> None:
    """Install SniperSight itself in place and compile its modules."""
    python, uv = str(venv / "bin/python"), venv / "bin/uv"
    installer = [str(uv), "pip"] if uv.exists() else [python, "-m", "pip"]
    target = ["--python", python] if uv.exists() else []
    options = ["--no-deps", "--no-build-isolation", "-e", str(root)]
    run_step("installing snipersight", [*installer, "install", *target, *options])
    run_step("compiling snipersight", [python, "-m", "compileall", "-q", str(root / "src")])


def run_step(label: str, command: "list[str]") -> None:
    """Run one step of a set-up silently; raise SetupError with the cause when it fails."""
    say(f"  {label}")
    code, output = captured(command)
    if code != 0:
        raise SetupError(diagnose(label, output))


def captured(command: "list[str]") -> "tuple[int, str]":
    """Run a program and return its exit code and everything it printed."""
    pipe, merge, env = subprocess.PIPE, subprocess.STDOUT, child_environment()
    child = subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=merge, env=env, cwd=str(ROOT), close_fds=False
    )
    output = child.communicate()[0].decode("utf-8", "replace")
    return child.returncode, output


def diagnose(label: str, output: str) -> str:
    """Translate the output of a failed step into a cause and a next move."""
    import re

    advice = [text for signs, text in CAUSES.items() if re.search(signs, output, re.IGNORECASE)]
    first = (advice or ["Call again; if it stays, the step's own words may help:"])[0]
    tail = "".join(f"\n    {line[:160]}" for line in output.strip().splitlines()[-6:])
    return f"Set-up stopped while {label.partition(' (')[0]}. {first.format(root=ROOT)}{tail}"


@contextlib.contextmanager
def one_at_a_time(root: Path) -> "Iterator[None]":
    """Hold the set-up lock, so that two calls never write one environment at once."""
    import fcntl

    with (root / ".dev.lock").open("w") as handle:
        os.set_inheritable(handle.fileno(), True)  # a step that outlives a killed call keeps it
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is running here; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    """Report progress on stderr; stdout belongs to the command's result."""
    print(text, file=sys.stderr, flush=True)


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
    checks = {
        "ruff check": ["ruff", "check", "--quiet", "--output-format=concise"],
        "ruff format": ["ruff", "format", "--check", "--output-format=concise"],
        "mypy --strict": ["mypy"],
        "import contract": ["lint-imports"],
    }
    failed = [name for name, line in checks.items() if not passes(name, programs, line)]
    if failed:
        print(f"FAILED, besides what pytest finds: {', '.join(failed)}", flush=True)
    # pytest comes last, so that its summary closes the output.
    # Two more than there are cores: tests wait for servers and processes half of their time.
    workers = str(min(6, (os.cpu_count() or 2) + 2))
    tests = run(programs / "pytest", "-q", "-n", workers, "--dist", "worksteal")
    return tests or int(bool(failed))


def passes(name: str, programs: Path, line: "list[str]") -> bool:
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


def peers_environment(root: Path = ROOT, word: str = "") -> "dict[str, str]":
    """Return what tells a benchmark where the compared packages are, or why they are not.

    A benchmark whose peers cannot share a version of something has a lock of its own.
    """
    own = f"benchmarks/peers_{word}.lock"
    pins = own if (root / own).exists() else PEERS_LOCK
    venv = root / f".venv-{Path(pins).stem.replace('_', '-')}"
    facts = {"base": fingerprint(root, ())["base"], "packages": _digest(root, (pins,))}
    try:
        with one_at_a_time(root):
            if read_stamp(venv) != facts:
                create_venv(venv)
                install_packages(venv, root / pins, uv=root / ".venv/bin/uv")
                write_stamp(venv, facts)
    except SetupError as problem:
        return {"SNIPERSIGHT_PEERS_MISSING": str(problem).splitlines()[0]}
    return {"SNIPERSIGHT_PEERS_PYTHON": str(venv / "bin/python")}


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
