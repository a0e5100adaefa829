import asyncio
import logging
import re
import stat
from concurrent.futures import ThreadPoolExecutor

from snipersight.bot.telemetry import (
    bind_context,
    configure_logging,
    log_context,
    log_pipeline_stage,
    log_structured,
)
from snipersight.bot.telemetry.logging import LOG_FILE, in_context


def test_a_line_holds_the_fields_of_the_specification(logs, lines):
    with log_context("scan_20250119_142345"):
        log_pipeline_stage("confluence_scoring", {"symbol": "BTC/USDT", "score": 92.3})
    (line,) = lines(logs / LOG_FILE)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["timestamp"])
    assert line["level"] == "INFO"
    assert line["stage"] == "confluence_scoring"
    assert line["symbol"] == "BTC/USDT"
    assert line["score"] == 92.3
    assert line["context_id"] == "scan_20250119_142345"


def test_braces_and_percent_signs_in_a_message_are_only_text(logs, lines):
    log_structured("{score} %s {0.__class__}", level="WARNING", stage="x", score=1)
    (line,) = lines(logs / LOG_FILE)
    assert line["message"] == "{score} %s {0.__class__}"
    assert line["level"] == "WARNING"


def test_a_field_cannot_pass_for_the_lines_own_time_or_level(logs, lines):
    log_structured("x", timestamp="1999", module="forged")
    (line,) = lines(logs / LOG_FILE)
    assert line["timestamp"] != "1999"
    assert line["module"] != "forged"


def test_only_the_owner_can_read_the_log(logs):
    log_structured("x")
    assert stat.S_IMODE((logs / LOG_FILE).stat().st_mode) == 0o600


def test_levels_below_the_configured_one_are_not_written(tmp_path, lines):
    configure_logging(logs=tmp_path, level="ERROR")
    log_structured("quiet", level="WARNING")
    log_structured("loud", level="ERROR")
    assert [line["message"] for line in lines(tmp_path / LOG_FILE)] == ["loud"]


def test_the_console_shows_warnings_without_traceback_and_without_secrets(logs, capsys):
    log_structured("all is well")
    log_structured("token=abcdef went wrong", level="WARNING")
    try:
        raise ValueError("inside")
    except ValueError:
        logging.getLogger("elsewhere").exception("failed")
    shown = capsys.readouterr()
    assert shown.err.splitlines() == ["warning: token=*** went wrong", "error: failed"]
    assert shown.out == ""


def test_records_of_the_standard_library_arrive_under_their_own_name(logs, lines):
    logging.getLogger("some.vendor").warning("GET /?signature=%s", "abc")
    (line,) = lines(logs / LOG_FILE)
    assert line["module"] == "some.vendor"
    assert line["message"] == "GET /?signature=***"


def test_talkative_vendors_are_kept_at_warnings(logs):
    logging.getLogger("httpx").info("HTTP Request: POST /bot123:abc/sendMessage")
    logging.getLogger("other").info("seen")
    text = (logs / LOG_FILE).read_text()
    assert "HTTP Request" not in text
    assert "seen" in text


def test_a_traceback_is_written_without_the_values_of_variables(logs, lines):
    def fails(api_secret: str) -> None:
        raise RuntimeError("no luck")

    try:
        fails("enod-ton"[::-1])  # built here, so that the source line does not hold it
    except RuntimeError:
        logging.getLogger("x").exception("failed")
    (line,) = lines(logs / LOG_FILE)
    assert "RuntimeError: no luck" in line["exception"]
    assert "not-done" not in (logs / LOG_FILE).read_text()


def test_registered_secrets_are_masked_everywhere(tmp_path, capsys):
    configure_logging(logs=tmp_path, secrets=["plainsecret"])
    log_structured("holds plainsecret", level="ERROR", where="plainsecret")
    assert "plainsecret" not in (tmp_path / LOG_FILE).read_text()
    assert "plainsecret" not in capsys.readouterr().err


def test_without_a_folder_nothing_is_written(tmp_path, capsys):
    configure_logging(logs=None)
    log_structured("x", level="WARNING")
    assert list(tmp_path.iterdir()) == []
    assert "warning: x" in capsys.readouterr().err


def test_each_task_keeps_its_own_context(logs, lines):
    async def scan(name: str) -> None:
        bind_context(name)
        await asyncio.sleep(0)
        await asyncio.to_thread(log_structured, name)

    async def both() -> None:
        await asyncio.gather(scan("one"), scan("two"))

    asyncio.run(both())
    log_structured("outside")
    found = {line["message"]: line.get("context_id") for line in lines(logs / LOG_FILE)}
    assert found == {"one": "one", "two": "two", "outside": None}


def test_a_thread_pool_keeps_the_context_it_is_handed(logs, lines):
    with ThreadPoolExecutor(2) as pool, log_context("scan_7"):
        list(pool.map(in_context(log_structured), ["one", "two", "three"]))
        pool.submit(log_structured, "not handed")
    found = {line["message"]: line.get("context_id") for line in lines(logs / LOG_FILE)}
    assert found == {"one": "scan_7", "two": "scan_7", "three": "scan_7", "not handed": None}


def test_tasks_started_within_a_scan_belong_to_it_and_others_do_not(logs, lines):
    async def step(name: str) -> None:
        await asyncio.sleep(0)
        log_structured(name)

    async def both() -> None:
        outside = asyncio.create_task(step("outside"))
        with log_context("scan_8"):
            inside = asyncio.create_task(step("inside"))
        await asyncio.gather(outside, inside)

    asyncio.run(both())
    found = {line["message"]: line.get("context_id") for line in lines(logs / LOG_FILE)}
    assert found == {"outside": None, "inside": "scan_8"}


def test_a_vendor_that_wrote_by_itself_is_brought_to_the_log(tmp_path, lines, capsys):
    vendor = logging.getLogger("self.willed.vendor")
    vendor.addHandler(logging.StreamHandler())
    vendor.propagate = False
    configure_logging(logs=tmp_path)
    vendor.warning("token=abcdef")
    assert [line["message"] for line in lines(tmp_path / LOG_FILE)] == ["token=***"]
    assert capsys.readouterr().err == "warning: token=***\n"


def test_a_field_that_cannot_be_written_costs_its_fields_and_no_exception(logs, lines):
    class Broken:
        """Has no text."""

        def __str__(self) -> str:
            """Fail."""
            raise KeyError("nothing")

    circle: dict[str, object] = {}
    circle["self"] = circle
    log_structured("one", value=Broken(), password="abc")
    log_structured("two", value=circle)
    first, second = lines(logs / LOG_FILE)
    assert (first["message"], first["unwritable"]) == ("one", "KeyError")
    assert (second["message"], second["unwritable"]) == ("two", "RecursionError")
    assert "password" not in first
