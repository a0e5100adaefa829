"""The container file passes its linter, copies what exists and starts what exists."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from snipersight.cli.app import app

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy/container/Containerfile"
TEXT = FILE.read_text()
OWN_PROGRAMS = Path(sys.executable).parent
HADOLINT = shutil.which("hadolint", path=OWN_PROGRAMS) or shutil.which("hadolint")


def instructions() -> list[tuple[str, str]]:
    """Return every instruction with its words, lines that go on joined."""
    plain = re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ")
    pairs = (line.partition(" ") for line in plain.splitlines() if line.strip())
    return [(name, rest.strip()) for name, _, rest in pairs]


def words_of(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def linted(text: str) -> subprocess.CompletedProcess[str]:
    assert HADOLINT is not None
    command = [HADOLINT, "--no-color", "--failure-threshold", "style", "-"]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.skipif(HADOLINT is None, reason="needs hadolint, of the development packages")
def test_the_linter_finds_nothing_and_would_find_something():
    assert linted(TEXT).stdout == ""
    assert linted(TEXT).returncode == 0
    worse = TEXT.replace("python:3.12-slim-bookworm\n", "python\n")
    assert worse != TEXT
    assert linted(worse).returncode != 0


def test_everything_it_copies_exists_and_reaches_the_builder():
    allowed = FILE.with_name("Containerfile.dockerignore").read_text().splitlines()
    sources = [
        word
        for rest in words_of("COPY")
        if "--from=" not in rest
        for word in re.sub(r"--\S+ ", "", rest).split()[:-1]
    ]
    assert len(sources) == 3
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in allowed


def test_nothing_but_what_is_copied_reaches_the_builder():
    allowed = FILE.with_name("Containerfile.dockerignore").read_text().splitlines()
    assert allowed[1] == "*"
    assert all((ROOT / line[1:]).exists() for line in allowed if line.startswith("!"))
    assert {"**/.env*", "**/__pycache__"} <= set(allowed)


def test_packages_are_checked_against_their_hashes():
    (install,) = [rest for rest in words_of("RUN") if "pip install" in rest]
    assert "--require-hashes" in install
    assert "--only-binary=:all:" in install


def test_it_runs_as_nobody_of_importance_and_keeps_its_home():
    assert words_of("USER") == ["10001"]
    home = re.search(r"SNIPERSIGHT_HOME=(\S+)", TEXT)
    assert home is not None
    assert words_of("VOLUME") == [home[1]]
    assert words_of("STOPSIGNAL") == ["SIGTERM"]


def test_what_it_starts_and_asks_are_commands_of_ours():
    names = {
        (command.callback.__name__ if command.callback else "")
        for command in app.registered_commands
    }
    assert json.loads(words_of("ENTRYPOINT")[0]) == ["snipersight"]
    (started,) = words_of("CMD")
    assert set(json.loads(started)) <= names
    (asked,) = words_of("HEALTHCHECK")
    program, command = json.loads(asked[asked.index("[") :])
    assert (program, command in names) == ("snipersight", True)


def test_the_starter_of_the_container_runs_the_program():
    starter = ROOT / "deploy/container/snipersight"
    shown = subprocess.run(
        [starter, "--version"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": f"{OWN_PROGRAMS}:/usr/bin:/bin", "PYTHONPATH": str(ROOT / "src")},
    )
    assert shown.stdout.startswith("snipersight ")
