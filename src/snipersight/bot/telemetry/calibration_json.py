"""A calibration as text, so that a message can say what a score meant without computing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from snipersight.domain.errors import DataInvalid
from snipersight.domain.statistics import Calibration, CalibrationVerdict, ReliabilityBin

_NUMBERS = frozenset({int, float, type(None)})


def encode_calibration(calibration: Calibration) -> str:
    """Return a calibration as one line of JSON."""
    return json.dumps(asdict(calibration), ensure_ascii=False, allow_nan=False)


def decode_calibration(text: str) -> Calibration:
    """Return the calibration that a text stands for.

    Raises:
        DataInvalid: it is none, or one of another version.
    """
    try:
        found = json.loads(text)
        bins = tuple(_bin(one) for one in found["bins"])
        curve = tuple((float(score), float(rate)) for score, rate in found["curve"])
        plain = {one.name: found[one.name] for one in fields(Calibration)}
        _require_numbers(plain)
        return Calibration(
            **plain
            | {
                "bins": bins,
                "curve": curve,
                "verdict": CalibrationVerdict(found["verdict"]),
                "sentence": str(found["sentence"]),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataInvalid(f"is no calibration: {error}", where="score meaning") from error


def _bin(found: Mapping[str, Any]) -> ReliabilityBin:
    plain = {one.name: found[one.name] for one in fields(ReliabilityBin)}
    _require_numbers(plain)
    return ReliabilityBin(**plain)


def _require_numbers(plain: Mapping[str, Any]) -> None:
    texts = {"bins", "curve", "verdict", "sentence"}
    wrong = [
        name for name, value in plain.items() if name not in texts and type(value) not in _NUMBERS
    ]
    if wrong:
        raise ValueError(f"no numbers: {', '.join(wrong)}")
