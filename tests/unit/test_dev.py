"""dev.py: which Python it accepts, when it builds the environment again, what it says."""

import ast
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

import dev_environment
from tests.fakes.set_up_steps import FULL, RecordedSteps

ROOT = Path(__file__).resolve().parents[2]
LOCKS = (
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-uv.lock",
    "benchmarks/peers.lock",
)


def load_dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def dev() -> ModuleType:
    return load_dev()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src/snipersight").mkdir(parents=True)
    (tmp_path / "benchmarks").mkdir()
    for name in (*LOCKS, "pyproject.toml", "src/snipersight/__init__.py"):
        (tmp_path / name).write_text(f"{name}\n")
    return tmp_path


@pytest.fixture
def steps(dev: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch) -> RecordedSteps:
    recorder = RecordedSteps(project)
    monkeypatch.setattr(dev_environment, "run_step", recorder)
    return recorder


# ---------------------------------------------------------------- interpreters


@pytest.mark.parametrize("name", ["dev.py", "dev_environment.py"])
def test_script_parses_under_python_3_6(name: str) -> None:
    ast.parse((ROOT / name).read_text(), feature_version=(3, 6))


def test_old_python_is_named_with_the_remedy(dev: ModuleType) -> None:
    assert dev.unsupported_message((3, 8, 18), "/opt/python3.8") == (
        "SniperSight needs Python 3.11, 3.12 or 3.13; this is 3.8.18 at /opt/python3.8; "
        "install one or run python3.12 dev.py scan"
    )


def test_old_python_without_a_newer_one_on_path_exits_with_2(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "SUPPORTED", ((2, 0),))
    monkeypatch.setenv("PATH", "")
    assert dev.main(["scan"]) == 2
    assert "SniperSight needs Python" in capsys.readouterr().err


def test_shim_that_cannot_run_is_passed_over(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, body in (("python3.13", "exit 127"), ("python3.12", "echo True")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "python3.11").symlink_to(tmp_path / "absent")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert dev.supported_interpreter() == str(tmp_path / "python3.12")


# ------------------------------------------------------- building the environment


def test_fresh_clone_takes_every_step(dev: ModuleType, project: Path, steps: RecordedSteps) -> None:
    assert dev.ensure_environment(project) == project / ".venv/bin"
    assert steps.taken() == FULL


def test_unchanged_project_takes_no_step(
    dev: ModuleType, project: Path, steps: RecordedSteps
) -> None:
    dev.ensure_environment(project)
    steps.taken()
    dev.ensure_environment(project)
    assert steps.taken() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("pyproject.toml", FULL[3:]),
        ("src/snipersight/__init__.py", FULL[3:]),
        ("requirements-dev.lock", FULL[1:]),
        ("requirements-uv.lock", FULL[1:]),
        ("requirements.lock", []),
    ],
)
def test_change_repeats_only_the_steps_it_touches(
    dev: ModuleType, project: Path, steps: RecordedSteps, *, changed: str, expected: list[str]
) -> None:
    dev.ensure_environment(project)
    steps.taken()
    (project / changed).write_text("changed\n")
    dev.ensure_environment(project)
    assert steps.taken() == expected


@pytest.mark.parametrize("step", FULL)
def test_interrupted_setup_starts_over(
    dev: ModuleType, project: Path, steps: RecordedSteps, *, step: str
) -> None:
    steps.fail_at = step
    with pytest.raises(KeyboardInterrupt):
        dev.ensure_environment(project)
    steps.fail_at = None
    steps.taken()
    debris = project / ".venv/debris"
    debris.parent.mkdir(exist_ok=True)
    debris.touch()
    dev.ensure_environment(project)
    assert steps.taken() == FULL
    assert not debris.exists()


def test_interrupted_update_starts_over(
    dev: ModuleType, project: Path, steps: RecordedSteps
) -> None:
    dev.ensure_environment(project)
    (project / "requirements-dev.lock").write_text("changed\n")
    steps.fail_at = "installing requirements-dev.lock"
    with pytest.raises(KeyboardInterrupt):
        dev.ensure_environment(project)
    steps.fail_at = None
    steps.taken()
    dev.ensure_environment(project)
    assert steps.taken() == FULL


def test_environment_whose_python_was_removed_is_built_again(
    dev: ModuleType, project: Path, steps: RecordedSteps
) -> None:
    dev.ensure_environment(project)
    steps.taken()
    (project / ".venv/bin/python").unlink()
    dev.ensure_environment(project)
    assert steps.taken() == FULL


def test_moved_clone_is_built_again(dev: ModuleType, project: Path, steps: RecordedSteps) -> None:
    dev.ensure_environment(project)
    steps.taken()
    moved = project.rename(project.with_name("moved"))
    steps.root = moved
    dev.ensure_environment(moved)
    assert steps.taken() == FULL


def test_two_calls_at_once_build_one_environment(
    dev: ModuleType, project: Path, steps: RecordedSteps
) -> None:
    callers = [threading.Thread(target=dev.ensure_environment, args=(project,)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert steps.taken() == FULL


def test_without_uv_pip_installs_from_the_same_hashed_lock(
    dev: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def only_uv_fails(label: str, command: list[str]) -> None:
        commands.append(command)
        if "--only-binary=:all:" in command:
            raise dev.SetupError(dev.diagnose(label, "No matching distribution found for uv"))
        if command[1:3] == ["-m", "venv"]:
            (project / ".venv").mkdir()

    monkeypatch.setattr(dev_environment, "run_step", only_uv_fails)
    dev.ensure_environment(project)
    lock_install = commands[2]
    assert lock_install[1:4] == ["-m", "pip", "install"]
    assert "--require-hashes" in lock_install
    assert lock_install[-1] == str(project / "requirements-dev.lock")


def test_unreachable_index_is_reported_before_pip_tries_every_package(
    dev: ModuleType, project: Path, steps: RecordedSteps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(label: str, command: list[str]) -> None:
        steps(label, command)
        if label == "fetching the installer":
            raise dev.SetupError(dev.diagnose(label, "Temporary failure in name resolution"))

    monkeypatch.setattr(dev_environment, "run_step", offline)
    with pytest.raises(dev.SetupError, match="index cannot be reached"):
        dev.ensure_environment(project)
    assert steps.taken() == FULL[:2]


def test_children_may_write_bytecode(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("QUICK", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in dev.child_environment()
    assert dev.child_environment()["QUICK"] == "1"


# ------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (
            "was not created successfully because ensurepip is not\navailable.",
            "install python3-venv",
        ),
        ("/usr/bin/python3: No module named venv", "install python3-venv"),
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
        ("Error: [Errno 30] Read-only file system: '/srv/.venv'", "cannot be written"),
        ("[Errno 13] Permission denied: '.dev.lock'", "cannot be written"),
        ("Temporary failure in name resolution", "index cannot be reached"),
        ("error: Failed to fetch: `numpy`", "index cannot be reached"),
        ("ERROR: No matching distribution found for uv==0.1", "no build for this platform"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM", "differs from the lock"),
        ("a failure nobody foresaw", "step's own words"),
    ],
)
def test_failed_step_says_what_to_do_and_keeps_its_words(
    dev: ModuleType, *, output: str, advice: str
) -> None:
    message = dev.diagnose("installing", output)
    assert advice in message
    assert output.splitlines()[-1] in message


def test_missing_venv_module_ends_setup_with_2(
    dev: ModuleType,
    *,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bare = project / "python"
    bare.write_text("#!/bin/sh\necho 'No module named ensurepip' >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "_base_executable", str(bare))
    monkeypatch.setattr(
        dev, "ensure_environment", lambda: dev_environment.create_venv(project / ".venv")
    )
    assert dev.main(["setup"]) == 2
    assert "apt install python3-venv" in capsys.readouterr().err


def test_unwritable_folder_ends_setup_with_2(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> Path:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(dev, "ensure_environment", refuse)
    assert dev.main(["setup"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_unknown_command_points_to_help(
    dev: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(["scna"]) == 2
    assert "dev.py help" in capsys.readouterr().err


def test_help_names_every_command(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main([]) == 0
    listed = re.findall(r"^  (\w+)", capsys.readouterr().out, re.MULTILINE)
    assert listed == [*dev.COMMANDS, "help"]


# ----------------------------------------------------------- checks and benchmarks


@pytest.mark.parametrize(("broken", "code"), [("ruff", 1), ("mypy", 1), ("pytest", 3), ("", 0)])
def test_all_checks_run_and_any_failure_counts(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, broken: str, code: int
) -> None:
    log = tmp_path / "log"
    for name in ("ruff", "mypy", "lint-imports", "python", "pytest"):
        script = f'#!/bin/sh\necho "{name} $1" >> "{log}"\nexit {3 if name == broken else 0}\n'
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setattr(dev, "ensure_environment", lambda: tmp_path)
    assert dev.main(["test"]) == code
    lines = [line.strip() for line in log.read_text().splitlines()]
    assert sorted(lines[:-1]) == [
        "lint-imports", "mypy", "pytest -qqq", "python -m", "ruff check", "ruff format",
    ]  # fmt: skip
    assert lines[-1] == "pytest -q"


def test_benchmark_is_told_why_the_peers_are_missing(
    dev: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(label: str, command: list[str]) -> None:
        raise dev.SetupError(f"no index while {label}: {command[0]}")

    monkeypatch.setattr(dev_environment, "run_step", no_network)
    told = dev.peers_environment(project)
    assert list(told) == ["SNIPERSIGHT_PEERS_MISSING"]
    assert "no index" in told["SNIPERSIGHT_PEERS_MISSING"]


def test_benchmark_with_a_lock_of_its_own_gets_an_environment_of_its_own(
    dev: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "benchmarks/peers_risk.lock").write_text("other pins")
    installed = []
    monkeypatch.setattr(
        dev_environment, "install_packages", lambda venv, pins, uv: installed.append(pins.name)
    )
    monkeypatch.setattr(
        dev_environment, "create_venv", lambda venv: (venv / "bin").mkdir(parents=True)
    )
    found = [dev.peers_environment(project, word) for word in ("scan", "risk")]
    pythons = [Path(told["SNIPERSIGHT_PEERS_PYTHON"]).parts[-3] for told in found]
    assert pythons == [".venv-peers", ".venv-peers-risk"]
    assert installed == ["peers.lock", "peers_risk.lock"]


def test_unknown_benchmark_lists_the_known_ones(
    dev: ModuleType,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (project / "benchmarks/bench_scan.py").touch()
    monkeypatch.setattr(dev, "ROOT", project)
    assert dev.main(["bench", "nothing"]) == 2
    assert "one of: scan" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_targets_exist_for_every_command(dev: ModuleType) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for command in {*dev.COMMANDS, "help"} - {"bench"}:
        assert re.search(rf"^help .*\b{command}\b|^{command}\b", makefile, re.MULTILINE)
    outer = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    dry = subprocess.run(
        ["make", "-n", "bench-scan", "ARGS=--top 5"],
        cwd=ROOT,
        env=outer,  # the tests themselves may run under make
        capture_output=True,
        text=True,
        check=True,
    )
    assert dry.stdout.strip().endswith("dev.py bench scan --top 5")
