"""The page as HTML: every value escaped, one stylesheet that its own policy names, nothing fetched."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from snipersight.cli.report_page.parts import Answer, Figure
from snipersight.cli.stats_grids import Grid

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything on the page, as plain text but for the pictures.

    Args:
        title: what it is about.
        about: lines below the title.
        warnings: what the reader must know before the numbers.
        answers: the most important one first.
        figures: in their order.
        newest: the newest signals; None without any.
        notes: words and what they mean here.
        made: when and by what.
    """

    title: str
    about: tuple[str, ...]
    answers: tuple[Answer, ...]
    made: str
    warnings: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    newest: Grid | None = None
    notes: tuple[tuple[str, str], ...] = ()


def html_of(page: Page) -> str:
    """Return the page; the same page gives the same text."""
    style = _style()
    digest = hashlib.sha256(style.encode()).digest()
    return _template().render(
        page=page,
        svg=_svg,
        # A stylesheet is raw text to HTML: what is escaped in it would not be read back.
        style=_safe(style),
        style_hash=f"sha256-{base64.b64encode(digest).decode()}",
    )


def _svg(drawn: str, name: str) -> Markup:
    """Return a picture with its class; its texts were escaped when it was drawn."""
    return _safe(f'<svg class="{name}"{drawn.removeprefix("<svg")}')


def _commands(text: str) -> Markup:
    """Return a text, escaped, with what stands between backticks as code."""
    from markupsafe import Markup

    parts = text.split("`")
    marked = (
        Markup("<code>{}</code>").format(part) if place % 2 else Markup("{}").format(part)
        for place, part in enumerate(parts)
    )
    return Markup("").join(marked)


def _safe(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - only our own stylesheet and what an XML writer has escaped


def _style() -> str:
    from snipersight.charts.evidence.ink import css_variables
    from snipersight.charts.theme import Theme

    light, dark = css_variables(Theme.LIGHT), css_variables(Theme.DARK)
    themes = f":root {{ {light} }}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return themes + _file("page.css")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["commands"] = _commands
    return environment.from_string(_file("page.html"))


def _file(name: str) -> str:
    return (files("snipersight.cli.report_page") / name).read_text(encoding="utf-8")
