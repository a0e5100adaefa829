from functools import partial

import pytest
import typer

from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import after_answer, error_block, reported
from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    InvalidPlan,
    NoData,
    OutcomeUnknown,
    SniperSightError,
    StateUnavailable,
    UnknownSymbol,
    VenueUnavailable,
)


def ended_with(error: Exception, *, debug: bool = False) -> int:
    """Run a command that raises and return its exit code."""

    @reported
    def command(*, debug: bool) -> ExitCode:
        raise error

    with pytest.raises(typer.Exit) as caught:
        command(debug=debug)
    return caught.value.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigInvalid("x"), 2),
        (StateUnavailable("x"), 4),
        (OutcomeUnknown("x"), 4),
        (UnknownSymbol("x"), 2),
        (VenueUnavailable("x"), 4),
        (NoData("x"), 4),
        (DataInvalid("x"), 4),
        (InvalidPlan("x"), 1),
        (KeyError("x"), 1),
    ],
)
def test_the_exit_code_tells_what_kind_of_trouble_it_was(error, code, capsys):
    assert ended_with(error) == code
    assert capsys.readouterr().out == ""


def test_an_error_says_what_where_and_what_to_do_without_traceback(capsys):
    ended_with(ConfigInvalid("unknown profile 'x'", where="--profile", next_step="use balanced"))
    assert capsys.readouterr().err.splitlines() == [
        "error:  unknown profile 'x'",
        "where:  --profile",
        "to do:  use balanced",
    ]


def test_a_fault_of_ours_says_so_and_hides_secrets(capsys):
    ended_with(RuntimeError("GET /?signature=abc\nsecond line"))
    shown = capsys.readouterr().err
    assert "RuntimeError: GET /?signature=***" in shown
    assert "fault of the program" in shown
    assert "--debug" in shown
    assert "second line" not in shown
    assert "Traceback" not in shown


def test_debug_shows_the_traceback(capsys):
    ended_with(RuntimeError("boom"), debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_a_long_message_is_wrapped_but_a_path_stays_whole():
    path = "/a/" + "very-long-name/" * 10
    block = error_block(SniperSightError("word " * 40, where=path))
    assert path in block.splitlines()[-1]
    assert max(len(line) for line in block.splitlines()[:-1]) <= 96


def test_a_finished_command_exits_with_its_own_code():
    @reported
    def command() -> ExitCode:
        return ExitCode.PARTIAL

    with pytest.raises(typer.Exit) as caught:
        command()
    assert caught.value.exit_code == 3


def test_what_was_left_for_afterwards_is_done_once_and_behind_the_answer(capsys):
    @reported
    def command() -> ExitCode:
        for number in range(2):
            after_answer("events", partial(print, f"afterwards {number}"))
        print("the answer")
        return ExitCode.OK

    with pytest.raises(typer.Exit):
        command()
    assert capsys.readouterr().out.splitlines() == ["the answer", "afterwards 1"]


def test_what_was_left_for_afterwards_is_done_behind_an_error_too(capsys):
    @reported
    def command() -> ExitCode:
        after_answer("events", lambda: print("afterwards"))
        raise StateUnavailable("the second account cannot be opened")

    with pytest.raises(typer.Exit):
        command()
    assert capsys.readouterr().out.splitlines() == ["afterwards"]
