import pytest

from snipersight.bot.notifications.series import Series, series_after, series_alert
from snipersight.domain.notices import Severity

REFUSED = (("no_setup", 9), ("rejected:max_total", 2))


def after(*funnels: tuple[tuple[str, int], ...]) -> Series:
    """Return the series after these scans."""
    series = Series()
    for funnel in funnels:
        series = series_after(series, funnel)
    return series


def test_a_series_grows_with_scans_that_one_code_refused_whole():
    assert after(REFUSED, REFUSED) == Series(code="max_total", scans=2)


@pytest.mark.parametrize(
    "funnel",
    [
        (("approved", 1), ("rejected:max_total", 5)),
        (("rejected:max_total", 1), ("rejected:min_rr", 1)),
    ],
)
def test_an_approval_or_a_second_code_ends_it(funnel):
    assert after(REFUSED, REFUSED, funnel) == Series()


def test_another_code_begins_another_one():
    assert after(REFUSED, REFUSED, (("rejected:halted", 1),)) == Series(code="halted", scans=1)


@pytest.mark.parametrize("funnel", [(), (("no_setup", 20),), (("rejected:halted", 0),)])
def test_a_scan_without_plans_says_nothing(funnel):
    assert after(REFUSED, funnel, REFUSED).scans == 2


def test_the_third_scan_in_a_row_raises_an_alert_that_names_the_code():
    assert series_alert(after(REFUSED, REFUSED), account="main", at_ms=5) is None
    alert = series_alert(after(REFUSED, REFUSED, REFUSED), account="main", at_ms=5)
    assert alert is not None
    assert (alert.trigger, alert.subject, alert.at_ms) == ("refusals", "main:max_total", 5)
    assert "3 scans in a row" in alert.text


def test_an_audit_that_cannot_be_written_is_told_at_once():
    alert = series_alert(after((("rejected:audit_unwritable", 1),)), account="main", at_ms=5)
    assert alert is not None
    assert (alert.trigger, alert.severity) == ("audit", Severity.CRITICAL)


@pytest.mark.parametrize("series", [Series(), Series(code="max_total", scans=12)])
def test_a_series_is_read_back_from_its_text(series):
    assert Series.parse(str(series)) == series


@pytest.mark.parametrize("text", ["", "x max_total", "-1 x", "3", "99999999 x", "² x"])
def test_a_strange_text_tells_of_no_series(text):
    assert Series.parse(text) == Series()
