"""Command lines of ours as documents and help write them, asked of the program's own parser."""

import re
import shlex

import typer

from snipersight.cli.app import app

COMMAND = re.compile(r"(?:^|`)\$? ?(snipersight(?: [^`\n]*)?)(?:`|$)", re.MULTILINE)
USAGE_ERROR = typer.BadParameter.__base__ or typer.BadParameter


def commands_of(text: str) -> list[str]:
    """Return the `snipersight …` lines of a text without comments, pipes and redirections."""
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
            return words[0] in ("--help", "--version", "--install-completion")
        found = command.get_command(context, words.pop(0))
        assert found is not None, f"no such command: {line}"
        command = found
    if words:
        command.make_context("snipersight", words)
    return True
