"""The documents say what is there: paths exist, links resolve, commands parse."""

import re
from pathlib import Path

import pytest

from snipersight.bootstrap.settings import VARIABLES
from tests.fakes.command_lines import USAGE_ERROR, commands_of, parses

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], key=lambda path: path.relative_to(ROOT)
)
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
PATH = re.compile(r"`((?:src|tests|docs|benchmarks)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
VARIABLE = re.compile(r"`([A-Z]+(?:_[A-Z]+)+)`")
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
    assert [path for path in promised if (ROOT / path).exists()] == []


def test_a_promise_is_told_from_what_exists() -> None:
    row = "| item | later: part, `src/later.py` | `tests/now.py` | later: part; `docs/now.md` |"
    assert paths_of(row, promised=True) == ["src/later.py"]
    assert paths_of(row, promised=False) == ["tests/now.py", "docs/now.md"]


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
    assert set(VARIABLES) <= set(re.findall(r"`([A-Z_]+)`", SPEC.read_text()))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_speaks_of_no_other_machine(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"/(?:work|home|root|Users)/|localhost:\d", text)
