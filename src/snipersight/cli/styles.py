"""Colours of the terminal: green and red only ever repeat what a word says."""

from __future__ import annotations

from typing import Final

from snipersight.domain.direction import Direction

_TIERS: Final = {"A": "bold green", "B": "bold yellow", "C": "bold"}
_STATES: Final = {"ACTIVE": "bold green", "REDUCING": "bold yellow", "HALTED": "bold red"}


def side_style(direction: Direction) -> str:
    """Return the style of a direction's name."""
    return "bold green" if direction is Direction.LONG else "bold red"


def tier_style(tier: str) -> str:
    """Return the style of a tier's letter."""
    return _TIERS.get(tier, "bold")


def state_style(state: str) -> str:
    """Return the style of a trading state's name."""
    return _STATES.get(state, "bold")
