"""The documents say what is there: paths exist, links resolve, commands parse."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from snipersight.bootstrap.settings import VARIABLES
from snipersight.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT)
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
PATH = re.compile(r"`((?:src|tests|docs|benchmarks)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|`)\$? ?(snipersight(?: [^`\n]*)?)(?:`|$)", re.MULTILINE)
VARIABLE = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)`")
USAGE_ERROR = typer.BadParameter.__base__ or typer.BadParameter
SPEC = ROOT / "docs/spec.md"
# Names in capitals that are no settings: types of events, variables of tools.
OTHER_NAMES = {"SIGNAL_GENERATED", "SIGNAL_REJECTED", "ORDER_SUBMITTED", "NUMBA_CACHE_DIR"}


def paths_of(text: str, *, promised: bool) -> list[str]:
    """Return the paths that lines name, either those that come later or those that exist."""
    cells = [cell for line in text.splitlines() for cell in line.split("|")]
    # What stands behind a semicolon exists already.
    later = [cell.strip().startswith("later:") and ";" not in cell for cell in cells]
    chosen = (cell for cell, is_later in zip(cells, later, strict=True) if is_later is promised)
    return [path for cell in chosen for path in PATH.findall(cell)]


def commands_of(text: str) -> list[str]:
    """Return the `snipersight …` lines of a document without comments, pipes and redirections."""
    lines = (match.split(" #")[0] for match in COMMAND.findall(text))
    words = (re.split(r" [|>] ?| …", line)[0].strip() for line in lines)
    return [line for line in words if line and "…" not in line]


def parses(line: str) -> bool:
    """Ask the program's own parser about a command line, without running it."""
    command, words = typer.main.get_command(app), shlex.split(line)[1:]
    context = command.make_context("snipersight", ["scan"])
    while words and isinstance(command, typer.core.TyperGroup):
        if words[0].startswith("-"):
            if command.invoke_without_command:
                break  # a group that does something by itself, and takes options for it
            return words[0] in ("--help", "--version")
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"no such command: {line}"
        command = found
    if words:
        command.make_context("snipersight", words)
    return True


@pytest.mark.parametrize("name", NAMES)
def test_every_path_a_document_names_exists(name: str) -> None:
    missing = [
        path
        for path in paths_of((ROOT / name).read_text(), promised=False)
        if not (ROOT / path).exists()
    ]
    assert missing == []


def test_what_the_specification_promises_for_later_does_not_exist_yet() -> None:
    promised = paths_of(SPEC.read_text(), promised=True)
    assert promised
    assert [path for path in promised if (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_resolves(name: str) -> None:
    document = ROOT / name
    targets = [link.split("#")[0] for link in LINK.findall(document.read_text())]
    relative = [target for target in targets if target and "://" not in target]
    assert [target for target in relative if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_parses(name: str) -> None:
    for line in commands_of((ROOT / name).read_text()):
        assert parses(line), line


def test_the_readme_shows_commands_and_a_wrong_one_would_be_noticed() -> None:
    assert len(commands_of((ROOT / "README.md").read_text())) >= 10
    for line in ("snipersight scan --profil swing", "snipersight scan --top none"):
        with pytest.raises(USAGE_ERROR):
            parses(line)
    with pytest.raises(AssertionError, match="no such command"):
        parses("snipersight scann")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_a_document_names_is_read(name: str) -> None:
    named = set(VARIABLE.findall((ROOT / name).read_text()))
    assert named - set(VARIABLES) - OTHER_NAMES == set()


def test_the_index_lists_every_decision_record_under_its_title() -> None:
    index = (ROOT / "docs/adr/README.md").read_text()
    for record in (ROOT / "docs/adr").glob("[0-9]*.md"):
        title = record.read_text().splitlines()[0].partition(". ")[2]
        assert f"[{record.name[:4]}]({record.name}) | {title} |" in index, record.name


def test_the_specification_names_every_setting() -> None:
    assert set(VARIABLES) <= set(VARIABLE.findall(SPEC.read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_speaks_of_no_other_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"/(?:work|home|root|Users)/|localhost:\d", text)
