"""The environments that dev.py builds: .venv, and those of the packages that benchmarks compare.

Exactly what a lock file lists is installed, every file checked against its hash. A stamp says what a
complete environment was built from; one without it, or with another, is built again.
"""

# Keep this file readable by Python 3.6, as dev.py, which imports it. Annotations stay quoted.
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

ROOT = Path(__file__).resolve().parent
UV_LOCK, DEV_LOCK = "requirements-uv.lock", "requirements-dev.lock"
PEERS_LOCK = "benchmarks/peers.lock"
STAMP_NAME = "dev-stamp"

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
