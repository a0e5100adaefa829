"""After it, wording a message loads and compiles nothing more."""

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
warm_up()
loaded = set(sys.modules)
Environment.compile = None  # whoever compiles a template now breaks off
to_entities(format_alert(alert))
print(*sorted(set(sys.modules) - loaded))
"""


def test_wording_finds_everything_loaded():
    command = [sys.executable, "-c", NOTHING_MORE_IS_LOADED]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout.split()) == (0, []), ended.stderr
