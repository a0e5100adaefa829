"""Profiles with values varied: every combination is a valid profile, or nothing is run at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from snipersight.bootstrap.gate import within_limit
from snipersight.bootstrap.risk import build_policy
from snipersight.bootstrap.settings import Settings
from snipersight.bootstrap.suggestions import did_you_mean
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.profile import Profile, parse_profile
from snipersight.engine.sweeping.axes import Axis, Choice, Space

MOST_COMBINATIONS: Final = 10_000
_FIXED: Final = ("name", "description", "trade_type")  # what a profile is called, not what it does
_NOTHING: Final = "none"
_JOINED: Final = "+"

Frames = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Widest:
    """Of the profiles with the same timeframes, the one that needs the longest history.

    Args:
        profile: itself.
        history_ms: how long that is, all timeframes together.
    """

    profile: Profile
    history_ms: int


class Variants:
    """The profiles of a space.

    Args:
        base: whose values are varied.
        space: what is varied.
        settings: limits that profiles are held to.

    Attributes:
        widest: by timeframes, the profile that candles are read for.

    Raises:
        ConfigInvalid: a name is unknown, two combinations are the same, there are too many, or one
            is no valid profile or not within the limits.
    """

    def __init__(self, base: Profile, space: Space, settings: Settings) -> None:
        self._values = base.model_dump(mode="json")
        self._known = dict(_leaves(self._values))
        self._settings = settings
        self.base, self.space = base, space
        for axis in space.axes:
            _require_known(axis, self._known)
        if len(space) > MOST_COMBINATIONS:
            raise ConfigInvalid(
                f"{len(space):,} combinations; each is checked before anything runs, and "
                f"{MOST_COMBINATIONS:,} go",
                where="--vary",
                next_step="vary fewer parameters, or in wider steps",
            )
        self.widest: Mapping[Frames, Widest] = self._checked()

    def profile(self, choice: Choice) -> Profile:
        """Return the profile of a combination.

        Raises:
            ConfigInvalid: it is not valid.
        """
        values = self._values
        for axis, text in zip(self.space.axes, self.space.values(choice), strict=True):
            value = _value(text, is_list=isinstance(self._known[axis.name], list))
            values = _replaced(values, axis.name.split("."), value)
        where = ", ".join(f"--vary {one}" for one in self.names(choice))
        profile = parse_profile(values, where=where)
        limited, remarks = within_limit(profile, self._settings)
        if remarks:
            raise ConfigInvalid(
                remarks[0], where=where, next_step="vary within MAX_RISK_PER_TRADE, or raise that"
            )
        build_policy(self._settings, limited)
        return limited

    def names(self, choice: Choice) -> tuple[str, ...]:
        """Return `name=value` of each axis in a combination."""
        pairs = zip(self.space.axes, self.space.values(choice), strict=True)
        return tuple(f"{axis.name}={value}" for axis, value in pairs)

    def _checked(self) -> dict[Frames, Widest]:
        widest: dict[Frames, Widest] = {}
        seen: dict[str, Choice] = {}
        for choice in self.space.choices():
            profile = self.profile(choice)
            first = seen.setdefault(profile.content_hash, choice)
            if first != choice:
                raise self._same(first, choice)
            frames, history_ms = frames_of(profile), sum(profile.history().values())
            if frames not in widest or widest[frames].history_ms < history_ms:
                widest[frames] = Widest(profile=profile, history_ms=history_ms)
        return widest

    def _same(self, first: Choice, second: Choice) -> ConfigInvalid:
        one, other = self.names(first), self.names(second)
        differing = [f"{a} and {b}" for a, b in zip(one, other, strict=True) if a != b]
        return ConfigInvalid(
            f"{'; '.join(differing)} mean the same",
            where="--vary",
            next_step="write each value once",
        )


def frames_of(profile: Profile) -> Frames:
    """Return the names of a profile's timeframes."""
    frames = profile.timeframes
    return frames.bias, frames.zone, frames.trigger


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    """Yield the dotted name and value of every parameter."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name}.")
        elif above or name not in _FIXED:
            yield f"{above}{name}", value


def _require_known(axis: Axis, known: Mapping[str, Any]) -> None:
    if axis.name in known:
        return
    inner = [name for name in known if name.startswith(f"{axis.name}.")]
    alike = [name for name in known if name.rpartition(".")[2] == axis.name.rpartition(".")[2]]
    choices = inner or alike or known
    raise ConfigInvalid(
        f"a profile has no parameter {axis.name} that could be varied",
        where="--vary",
        next_step=f"use {_some(choices)}"
        if inner or alike
        else did_you_mean(axis.name, choices, lister="snipersight profiles --show balanced"),
    )


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return " or ".join(listed[:4]) + (f" or one of {len(listed) - 4} others" if listed[4:] else "")


def _value(text: str, *, is_list: bool) -> object:
    if text == _NOTHING:
        return None
    return text.split(_JOINED) if is_list or _is_joined(text) else text


def _is_joined(text: str) -> bool:
    return _JOINED in text.lstrip(_JOINED)


def _replaced(values: Mapping[str, Any], path: list[str], value: object) -> dict[str, Any]:
    name, *rest = path
    return {**values, name: _replaced(values[name], rest, value) if rest else value}
