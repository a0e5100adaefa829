"""Where recorded answers of venues lie."""

import json
from pathlib import Path
from typing import Any, TypeVar

import pytest

Test = TypeVar("Test", bound=Any)

PROTOCOL = Path(__file__).resolve().parents[4].parent / "shared" / "data" / "protocol"


def needs_protocol(test: Test) -> Test:
    """Mark a test that reads recorded answers; it is skipped where there are none."""
    skipping = pytest.mark.skipif(
        not PROTOCOL.is_dir(), reason="recorded answers are absent (../shared/data/protocol)"
    )
    marked: Test = pytest.mark.recorded(skipping(test))
    return marked


def recorded(name: str) -> Any:
    """Return a recorded file."""
    return json.loads((PROTOCOL / name).read_text(encoding="utf-8"))
