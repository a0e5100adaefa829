"""The pages before the door: where a token is typed in once, and where a link of the terminal leads."""

from __future__ import annotations

import html
from typing import Final

STYLE: Final = """
:root { --ground: #f4f6f9; --panel: #fff; --line: #d9dfe7; --text: #16202c; --muted: #556273;
  --accent: #1a5fbd; --on-accent: #fff; --bad: #b92a39; color-scheme: light; }
@media (prefers-color-scheme: dark) { :root { --ground: #0b1017; --panel: #111924; --line: #233044;
  --text: #e8edf4; --muted: #9aa8ba; --accent: #6cb0ff; --on-accent: #06121f; --bad: #f7787f;
  color-scheme: dark; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--ground); color: var(--text);
  font: 400 15px/1.5 Inter, "Segoe UI", system-ui, Roboto, "Helvetica Neue", sans-serif; }
main { width: 100%; max-width: 440px; padding: 32px; background: var(--panel);
  border: 1px solid var(--line); border-radius: 12px; }
h1 { display: flex; align-items: center; gap: 8px; margin: 0 0 24px; font-size: 20px;
  font-weight: 650; letter-spacing: -.01em; }
p { margin: 12px 0 0; } a { color: var(--accent); }
label { display: block; margin-bottom: 4px; font-weight: 600; }
input { width: 100%; min-height: 44px; padding: 0 12px; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--muted); border-radius: 6px; }
button { width: 100%; min-height: 44px; margin-top: 16px; font: inherit; font-weight: 650;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: 6px; cursor: pointer; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[role=alert] { margin: 0 0 16px; color: var(--bad); font-weight: 600; }
.aside { color: var(--muted); font-size: 13px; } code { font-size: 12px; overflow-wrap: anywhere; }
"""
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Log in · SniperSight</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><link rel="stylesheet" href="/login/style.css"></head>
<body><main><h1><img src="/favicon.ico" alt="" width="24" height="24">SniperSight</h1>{alert}{form}</main></body></html>
"""
_ASKING: Final = """<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<input type="text" name="username" value="SniperSight" autocomplete="username" hidden>
<label for="token">Access token</label>
<input id="token" name="token" type="password" autocomplete="current-password" autofocus required
 maxlength="200" spellcheck="false" autocapitalize="off">
<button type="submit">Log in</button></form>
<p class="aside">A token is made on the machine that runs the bot:<br>
<code>snipersight dashboard token add laptop --scope trade</code><br>
Without one, this starts the dashboard with a link that lets one browser in:<br>
<code>snipersight dashboard --link</code></p>"""
_LINK_FORM: Final = """<form method="post" action="/login/once">
<input type="hidden" name="code" value="{code}">
<p>This link lets this browser in once, as admin, for twelve hours.</p>
<button type="submit" autofocus>Log in</button></form>"""

_LEAVING: Final = """<form method="post" action="/logout">
<p>This browser is asked for a token again at its next visit.</p>
<button type="submit" autofocus>Log out</button></form>
<p><a href="/">Back to the signals</a></p>"""


def login_page(*, next_path: str = "/", alert: str = "") -> str:
    """Return the page that asks for a token.

    Args:
        next_path: where to go afterwards; a path of ours.
        alert: what went wrong before; empty: nothing.
    """
    form = _ASKING.format(next=html.escape(next_path))
    return _PAGE.format(alert=_alert(alert), form=form)


def link_page(code: str) -> str:
    """Return the page that a link of the terminal opens.

    To log in takes a press: programs that look at links beforehand would use it up.
    """
    return _PAGE.format(alert="", form=_LINK_FORM.format(code=html.escape(code)))


def logout_page() -> str:
    """Return the page that asks whether to log out: an address alone must not do it."""
    return _PAGE.format(alert="", form=_LEAVING)


def _alert(text: str) -> str:
    return f'<p role="alert">{html.escape(text)}</p>' if text else ""
