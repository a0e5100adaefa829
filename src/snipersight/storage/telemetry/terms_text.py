"""The terms of a signal as JSON that reads back as the same terms."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, Final

from snipersight.domain.direction import Direction
from snipersight.domain.evidence import Costs, SignalTerms
from snipersight.storage.row_codecs import Unreadable

_TERMS: Final = tuple(field.name for field in fields(SignalTerms))
_COSTS: Final = tuple(field.name for field in fields(Costs))


def terms_to_text(terms: SignalTerms) -> str:
    """Return terms as JSON.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    values: dict[str, Any] = {name: getattr(terms, name) for name in _TERMS}
    values["direction"] = terms.direction.value
    values["costs"] = {name: getattr(terms.costs, name) for name in _COSTS}
    return json.dumps(values, allow_nan=False, separators=(",", ":"))


def terms_from_text(text: str) -> SignalTerms:
    """Return the terms that a text tells of; what it does not name has its default.

    Raises:
        Unreadable: it tells of none, or knows more than this version does.
    """
    try:
        found = json.loads(text)
        near, middle, far = found.pop("entry_fractions")
        return SignalTerms(
            direction=Direction(found.pop("direction")),
            entry_fractions=(near, middle, far),
            targets=tuple((price, share) for price, share in found.pop("targets")),
            costs=Costs(**found.pop("costs")),
            **found,
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"terms of a signal: {error}") from error
