"""What the dashboard is asked for and does not know."""

from __future__ import annotations

from snipersight.domain.errors import SniperSightError


class NotKnown(SniperSightError):
    """No account, plan or record answers to a name: ask for another one."""
