from pathlib import Path

from snipersight.bot.notifications.notices.alerts import ALERTS, AlertRule

DOCUMENT = Path(__file__).parents[5] / "docs/notifications.md"
_MINUTE_US = 60_000_000


def row_of(rule: AlertRule) -> str:
    """Return the row of the document about an alert."""
    cells = (f"`{rule.trigger}`", rule.severity, window_of(rule), rule.when, rule.subject)
    return f"| {' | '.join(cells)} |"


def window_of(rule: AlertRule) -> str:
    """Return a window in words."""
    minutes = rule.window_us // _MINUTE_US
    if not minutes:
        return "–"
    hours = minutes // 60
    return f"{minutes} min" if not hours else "1 hour" if hours == 1 else f"{hours} hours"


def test_the_document_has_a_row_for_each_alert_and_no_other():
    rows = DOCUMENT.read_text().split("| Trigger |")[1].split("\n\n")[0].splitlines()[2:]
    assert rows == [row_of(rule) for rule in ALERTS.values()]
