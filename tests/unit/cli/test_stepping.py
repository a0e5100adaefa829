"""Keys, words and lines of `snipersight replay SYMBOL`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from snipersight.cli.app import app
from snipersight.cli.step_text import happening_text, step_lines
from snipersight.cli.step_walking import KEYS, Keyboard, Wish, walk, wish_of
from snipersight.domain.direction import Direction
from snipersight.domain.wording import minute_of
from snipersight.engine.stepping.happenings import Happening, HappeningKind
from snipersight.engine.stepping.stepper import Stepper
from tests.builders.stepping import END_MS, a_stepper, steps_of
from tests.fakes.live_scanning import BAR_MS, BTC, ETH, markets
from tests.fakes.scanning import FINE

TO = "2026-03-02T12:00"


@pytest.fixture(scope="module")
def stepper() -> Stepper:
    found = a_stepper(markets(BTC, ETH))
    steps_of(found)
    return found


@pytest.fixture
def walked(stepper, capsys):
    def play(*keys: str, line: str = "") -> tuple[list[int], str]:
        typed: Iterator[str] = iter((*keys, "q"))
        keyboard = Keyboard(key=lambda: next(typed), line=lambda _question: line)
        asyncio.run(walk(stepper, "heading", keyboard))
        shown, said = capsys.readouterr()
        numbers = [
            int(one.split()[-1].split("/")[0]) for one in shown.splitlines() if " UTC  5m  O" in one
        ]
        return numbers, said

    return play


def test_enter_space_and_the_arrow_go_on_and_b_goes_back(walked):
    assert walked("\n", " ", "\x1b[C", "\r", "b", "\x1b[D")[0] == [1, 2, 3, 4, 5, 4, 3]


def test_n_and_p_halt_at_the_next_event_and_plan(walked, stepper):
    steps = steps_of(stepper)
    events = [one.number for one in steps if one.is_event and one.number > 1]
    plans = [one.number for one in steps if one.planned]
    assert walked("n", "n")[0] == [1, *events[:2]]
    assert walked("p", "P")[0] == [1, *plans[:2]]


def test_where_nothing_follows_it_says_so_and_stays(walked, stepper):
    plans = [one.number for one in steps_of(stepper) if one.planned]
    numbers, said = walked(*["p"] * (len(plans) + 1), "\n")
    assert numbers == [1, *plans, plans[-1] + 1]
    assert "no plan follows" in said


def test_back_of_the_first_and_next_of_the_last_close_stay(walked, stepper):
    assert walked("b") == ([1], walked("b")[1])
    assert "this is the first close" in walked("b")[1]
    numbers, said = walked("g", "\n", line=minute_of(END_MS))
    assert numbers == [1, len(stepper)]
    assert "this was the last close" in said


def test_g_goes_to_a_date_and_says_which_there_are(walked, stepper):
    assert walked("g", line=minute_of(END_MS - 10 * BAR_MS))[0] == [1, len(stepper) - 10]
    numbers, said = walked("g", line="2020-01-01")
    assert numbers == [1]
    assert minute_of(END_MS) in said
    assert "is no time" in walked("g", line="soon")[1]


def test_a_key_without_a_meaning_shows_the_keys_and_the_end_of_input_quits(walked):
    numbers, said = walked("x", "")
    assert numbers == [1]
    assert said.count(KEYS) == 2
    assert wish_of("") is wish_of("\x04") is Wish.QUIT
    assert wish_of("\x1b[A") is None


def test_a_step_shows_bar_plan_and_how_it_stands(stepper):
    steps = steps_of(stepper)
    planned = next(one for one in steps if one.planned)
    plan = planned.planned[0].plan
    text = "\n".join(line.plain for line in step_lines(planned, len(stepper)))
    assert f"{minute_of(planned.at_ms)} UTC  5m  O " in text
    assert plan.plan_id in text
    assert f"score {plan.confluence.score:.1f}" in text
    assert "risk " in text
    after = "\n".join(line.plain for line in step_lines(steps[planned.number], len(stepper)))
    assert f"open {plan.direction.value} of " in after
    ended = next(one for one in steps if any(f.outcome.status.is_final for f in one.followed))
    assert "net" in "\n".join(line.plain for line in step_lines(ended, len(stepper)))


def test_a_close_without_a_decision_says_why(stepper):
    quiet = next(one for one in steps_of(stepper) if not one.planned and not one.report.plans)
    assert "no_setup: " in "\n".join(line.plain for line in step_lines(quiet, len(stepper)))


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [
        (HappeningKind.SHIFT, "CHoCH", "CHoCH up through 100 – 101"),
        (HappeningKind.SHIFT, "initial", "first break up through"),
        (HappeningKind.FAILED_BREAK, "internal break", "the internal break up failed"),
        (HappeningKind.SWEEP, "EQL", "sweep of EQL 100 – 101, 0.40 ATR, speaks for LONG"),
        (HappeningKind.TOUCHED, "order block", "bullish order block 100 – 101 touched, 40 % deep"),
        (HappeningKind.ENDED, "breaker", "bullish breaker 100 – 101 ended, of age"),
    ],
)
def test_what_happened_is_told_in_words(kind, name, words):
    happening = Happening(
        role="trigger", timeframe=FINE, kind=kind, name=name, direction=Direction.LONG,
        low=100.0, high=101.0, at_ms=0, known_ms=BAR_MS, measure=0.4, why="of age",
    )  # fmt: skip
    assert words in happening_text(happening)


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["replay", *arguments], env={"COLUMNS": "200"})
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SNIPERSIGHT_HOME", str(tmp_path / "home"))


def test_every_step_is_one_line_of_json_that_says_what_scan_says(home):
    period = ("--from", "2026-03-02T11:00", "--to", TO, "--profile", "scalp")
    code, out, err = run("BTC/USDT:USDT", *period, "--json")
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["number"] for one in lines] == list(range(1, 13))
    assert lines[-1]["at"] == "2026-03-02T12:00:00Z"
    assert {one["schema"] for one in lines} == {"snipersight.step/1"}
    scan = ("scan", "--symbols", "BTC/USDT:USDT", "--profile", "scalp", "--as-of", TO)
    done = CliRunner().invoke(app, [*scan, "--format", "json"])
    said = json.loads(done.stdout)
    assert (said["plans"], said["refusals"]) == (lines[-1]["plans"], lines[-1]["refusals"])


def test_a_pipe_gets_all_steps_as_text(home):
    code, out, _err = run("BTC/USDT:USDT", "--to", TO, "--from", "2026-03-02T11:30", "-p", "scalp")
    assert code == 0
    assert out.count(" UTC  5m  O ") == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "neither a market to step through nor a folder"),
        (("--all", "--data", "x"), "--all prints the steps of one market"),
        (("BTC/USDT:USDT", "--symbols", "all"), "--symbols names several"),
        (("BTC/USDT:USDT", "--from", "soon"), "is no time"),
        (("BTC/USDT:USDT", "--from", TO, "--to", "2026-03-01"), "no close lies between"),
        (("FOO/USDT:USDT", "--to", TO), "unknown symbol where: FOO/USDT:USDT to do: did you mean"),
        (("BTC", "--to", TO), "SYMBOL"),
        (("BTC/USDT:USDT", "--data", "x", "--exchange", "binance"), "two sources"),
    ],
)
def test_what_cannot_be_meant_is_refused(home, words, said):
    code, _out, err = run(*words)
    assert code == 2
    assert said in " ".join(err.split())
