"""After it, wording and sending a message loads and compiles nothing more."""

import subprocess
import sys

NOTHING_MORE_IS_LOADED = """
import sys
from pathlib import Path
from jinja2 import Environment
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.notices.alerts import an_alert
from snipersight.bot.notifications.formatters import format_alert
from snipersight.bot.notifications.warming import warm_up

alert = an_alert("run", "a *bad* day", subject="scans", at_ms=1)
warm_up({"telegram"})
loaded = set(sys.modules)
Environment.compile = None  # whoever compiles a template now breaks off
to_entities(format_alert(alert))
import snipersight.bot.notifications.channels.telegram_client
print(*sorted(set(sys.modules) - loaded))
"""

OTHERS_ARE_NOT_LOADED = """
import sys
from snipersight.bot.notifications.warming import warm_up

warm_up({"webhook"})
print("telegram" in sys.modules)
"""


def test_a_client_that_nobody_sends_over_is_not_loaded():
    command = [sys.executable, "-c", OTHERS_ARE_NOT_LOADED]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "False"


def test_wording_and_sending_find_everything_loaded():
    command = [sys.executable, "-c", NOTHING_MORE_IS_LOADED]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout.split()) == (0, []), ended.stderr
