"""The mutation score: what counts as found, and what a half finished run says."""

import json
from pathlib import Path

import pytest

from benchmarks.mutation_score import main, read_codes, report


def a_run(folder: Path, **modules: list[int | None]) -> Path:
    for name, codes in modules.items():
        keys = {f"{name}.x_step__mutmut_{number}": code for number, code in enumerate(codes)}
        (folder / f"{name}.py.meta").write_text(json.dumps({"exit_code_by_key": keys}))
    return folder


def test_a_failed_test_and_a_timeout_find_a_mutant(tmp_path: Path) -> None:
    lines, figure = report(read_codes(a_run(tmp_path, gate=[1, 3, 36, 0])))
    assert figure.value == 75
    assert lines[1].split() == ["gate", "4", "3", "1", "0", "75.0%"]


@pytest.mark.parametrize("code", [0, 2, 5, 33, 34, 35, -11, -9])
def test_whatever_no_test_failed_on_was_not_found(tmp_path: Path, code: int) -> None:
    _, figure = report(read_codes(a_run(tmp_path, gate=[code])))
    assert figure.value == 0


def test_modules_are_counted_together_by_their_mutants(tmp_path: Path) -> None:
    lines, figure = report(read_codes(a_run(tmp_path, gate=[1] * 9, limits=[0])))
    assert figure.value == 90
    assert figure.is_met
    assert [line.split()[0] for line in lines[1:]] == ["gate", "limits", "all"]


def test_an_unfinished_run_gives_no_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(a_run(tmp_path, gate=[1, None])) == 2
    assert "1 of 2 mutants are left" in capsys.readouterr().err


def test_without_a_run_the_command_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path) == 2
    assert "mutmut run" in capsys.readouterr().err


@pytest.mark.parametrize(("codes", "exit_code"), [([1] * 9 + [0], 0), ([1] * 8 + [0, 0], 1)])
def test_a_score_below_the_target_is_an_error(
    tmp_path: Path, codes: list[int | None], exit_code: int
) -> None:
    assert main(a_run(tmp_path, gate=codes)) == exit_code
