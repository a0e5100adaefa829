"""What all charts share. A colour is `$name` of the style sheet, so that a chart follows the theme."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Options: TypeAlias = dict[str, Any]

FONT: Final = "Inter, 'Segoe UI', system-ui, Roboto, sans-serif"


def base() -> Options:
    """Return what every chart begins with: nothing moves by itself, nothing glows."""
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "fontSize": 11, "color": "$muted"},
        "tooltip": tooltip("axis"),
    }


def tooltip(trigger: str) -> Options:
    """Return a box of text beside the pointer; it is drawn, so nothing in it can be markup."""
    return {
        "trigger": trigger,
        "renderMode": "richText",
        "confine": True,
        "backgroundColor": "$panel",
        "borderColor": "$edge",
        "textStyle": {"color": "$text", "fontSize": 12},
    }


def axis(kind: str, **more: Any) -> Options:
    """Return an axis with quiet lines; `more` overrides."""
    return {
        "type": kind,
        "axisLine": {"lineStyle": {"color": "$line"}},
        "axisTick": {"show": False},
        "axisLabel": {"color": "$muted", "hideOverlap": True},
        "splitLine": {"show": kind == "value", "lineStyle": {"color": "$grid"}},
        **more,
    }
