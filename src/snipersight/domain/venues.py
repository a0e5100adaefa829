"""Names of venues that more than one part has to know."""

from __future__ import annotations

from typing import Final

BUILT_IN_VENUE: Final = "sandbox"  # its prices are invented: trades there are practice
