"""An alert, in words."""

import pytest

from snipersight.bot.notifications.formatters import (
    format_alert,
    title_of,
)
from snipersight.domain.notices import Severity
from tests.builders.notices import (
    an_alert,
    plain_text,
)


@pytest.mark.parametrize(("severity", "emoji"), list(zip(Severity, "ℹ⚠❗🚨", strict=True)))
def test_an_alert_says_how_much_it_matters_and_keeps_its_lines(severity, emoji):
    text = plain_text(format_alert(an_alert(severity=severity)))
    assert text.startswith(emoji)
    assert f"{severity.upper()}: Daily loss\nNo entries until 00:00 UTC.\nLook at: sniper" in text
    assert text.endswith("main · 2024-06-07 10:00 UTC")
    assert title_of(an_alert(severity=severity)) == f"{severity.upper()}: Daily loss"
    assert "breaker" in plain_text(format_alert(an_alert(title="", subject="")))
