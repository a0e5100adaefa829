"""The templates of messages: Markdown files in the package, filled in with escaped values.

Whatever a template inserts is text that gets escaped, or Markdown that says so itself; a number has
to be worded first, and a name that is not given is an error and not an empty string.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from snipersight.bot.notifications.wording.escaping import Markdown, escape

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment


def render(name: str, **values: object) -> str:
    """Return a template filled in, without space at its ends.

    Args:
        name: of a file in `templates`, without `.md`.
        values: what it may insert; text is escaped.

    Raises:
        TypeError: it inserts something that is no text.
        jinja2.UndefinedError: it inserts something that is not given.
    """
    return _environment().get_template(f"{name}.md").render(values).strip()


def load_templates() -> None:
    """Read and compile every template, so that the first message does not wait for that."""
    for file in (files("snipersight.bot.notifications") / "templates").iterdir():
        if file.name.endswith(".md"):
            _environment().get_template(file.name)


@cache
def _environment() -> SandboxedEnvironment:
    """Return the templates, each compiled when first used: Jinja takes a while to import."""
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        finalize=_insert,
        autoescape=False,  # that is HTML's; `finalize` escapes for Markdown
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _source(name: str) -> str | None:
    template = files("snipersight.bot.notifications") / "templates" / name
    return template.read_text(encoding="utf-8") if template.is_file() else None


def _insert(value: object) -> str:
    from jinja2 import Undefined

    if isinstance(value, Markdown):
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises, and names what is missing
    if not isinstance(value, str):
        raise TypeError(f"a message inserts {value!r}; numbers are worded before")
    return escape(value)
