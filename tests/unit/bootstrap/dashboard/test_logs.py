"""Lines of the log with all that they hold, page by page, and nothing secret."""

from __future__ import annotations

import json
import logging

import pytest

from snipersight.bootstrap.dashboard.logs import log_page
from snipersight.bootstrap.dashboard.views import LogPage
from snipersight.bootstrap.settings import Settings
from snipersight.bot.telemetry.logging import configure_logging, log_context, log_structured

SECRET = "hidden-value-of-a-key"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "logs"
    made.mkdir()
    yield made
    configure_logging(logs=None)


def page(folder, **asked) -> LogPage:
    settings = Settings(_env_file=None, snipersight_home=folder.parent)
    wanted = {"limit": 50, "level": "", "text": "", "before": "", "read_ms": 0, **asked}
    return log_page(settings, **wanted)


def numbered(folder, count: int, **more: object) -> None:
    lines = (json.dumps({"level": "INFO", "message": f"line {at}", **more}) for at in range(count))
    (folder / "snipersight.jsonl").write_text("".join(f"{one}\n" for one in lines))


def messages(found: LogPage) -> list[str]:
    return [one.message for one in found.lines]


def test_a_line_is_told_with_all_its_fields(folder):
    configure_logging(logs=folder)
    with log_context("scan-1"):
        log_structured(
            "signal_rejected", stage="risk", symbol="BNB/USDT:USDT", counts=[1, 2], api_key=SECRET
        )
    (line,) = page(folder).lines
    assert (line.message, line.level, line.context) == ("signal_rejected", "INFO", "scan-1")
    held = dict(line.fields)
    assert held.pop("module")
    assert held == {
        "stage": "risk",
        "symbol": "BNB/USDT:USDT",
        "counts": "[1, 2]",
        "api_key": "***",
    }


def test_an_exception_is_told_by_its_lines(folder):
    configure_logging(logs=folder)
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("test").exception("it failed")
    (line,) = page(folder).lines
    assert line.exception.startswith("Traceback")
    assert line.exception.strip().endswith("ValueError: broken")
    assert "exception" not in dict(line.fields)


def test_what_was_not_masked_when_it_was_written_is_when_it_is_read(folder):
    numbered(folder, 1, password=SECRET, nested={"api_secret": SECRET})
    (line,) = page(folder).lines
    assert SECRET not in str(line)


@pytest.mark.parametrize("longer", [0, 150_000])
def test_every_line_is_on_one_page_and_none_on_two(folder, longer):
    numbered(folder, 57, text="x" * longer)  # the long ones are more than is looked through at once
    found, before = list[str](), ""
    for _ in range(200):
        one = page(folder, limit=10, before=before)
        found += messages(one)
        before = one.next_before
        if not before:
            break
    assert found == [f"line {at}" for at in reversed(range(57))]


def test_a_file_that_was_put_aside_begins_anew(folder):
    numbered(folder, 20)
    behind = page(folder, limit=5).next_before
    (folder / "snipersight.jsonl").rename(folder / "aside")
    numbered(folder, 3)
    assert messages(page(folder, before=behind)) == ["line 2", "line 1", "line 0"]


def test_a_filter_looks_into_fields_and_goes_on_behind(folder):
    lines = [{"message": f"m{at}", "symbol": "XRP" if at % 4 == 0 else "BTC"} for at in range(12)]
    text = "".join(json.dumps(one) + "\n" for one in lines)
    (folder / "snipersight.jsonl").write_text(text)
    first = page(folder, text="xrp", limit=2)
    assert messages(first) == ["m8", "m4"]
    assert messages(page(folder, text="xrp", limit=2, before=first.next_before)) == ["m0"]


@pytest.mark.parametrize("before", ["x", "1-", "-5", "1-x", "9" * 60, "1-" + "9" * 60])
def test_a_cursor_that_is_none_is_taken_as_not_said(folder, before):
    numbered(folder, 2)
    assert messages(page(folder, before=before)) == ["line 1", "line 0"]
