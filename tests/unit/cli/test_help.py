"""Every command and every group explains itself with examples that the program understands."""

from collections.abc import Iterator

import pytest
import typer
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.cli.exits import HELP
from tests.fakes.command_lines import USAGE_ERROR, commands_of, parses


def helped(command: typer.core.TyperCommand, words: str) -> Iterator[tuple[str, str]]:
    """Yield what every command below one is called, and what stands under its help."""
    yield words, command.epilog or ""
    if isinstance(command, typer.core.TyperGroup):
        for name in command.list_commands(None):  # type: ignore[arg-type]
            found = command.get_command(None, name)  # type: ignore[arg-type]
            yield from helped(found, f"{words} {name}")  # type: ignore[arg-type]


EPILOGS = dict(helped(typer.main.get_command(app), "snipersight"))  # type: ignore[arg-type]


@pytest.mark.parametrize("words", EPILOGS)
def test_every_command_and_group_has_examples_of_itself_that_parse(words):
    examples = commands_of(EPILOGS[words].split("Examples")[1].replace("\n  ", "\n"))
    assert any(f"{line} ".startswith(f"{words} ") for line in examples)
    for line in examples:
        assert parses(line), line


def test_a_wrong_example_would_be_noticed():
    with pytest.raises(USAGE_ERROR):
        parses("snipersight health --redy")


def test_the_first_page_shows_the_exit_codes_and_the_first_steps():
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "400"}).stdout
    assert HELP[:60] in shown
    assert "\n   snipersight init" in shown


def test_the_walk_reaches_groups_and_their_commands():
    assert {"snipersight risk", "snipersight risk halt", "snipersight health"} <= set(EPILOGS)
    assert len(EPILOGS) > 50
