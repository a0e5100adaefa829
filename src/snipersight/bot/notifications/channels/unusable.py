"""A channel whose settings are wrong: what it should tell waits, and the others go on."""

from __future__ import annotations

from collections.abc import Callable

from snipersight.domain.channels import Body, Rendered, SendOutcome, Stopped
from snipersight.domain.errors import SniperSightError


class UnusableNotifier:
    """Stands for a channel that cannot be made: it prepares its messages and sends none.

    Its messages are stored all the same, so that they leave once the settings are corrected.

    Args:
        name: of the channel.
        prepare: as the channel itself does.
        error: why it cannot be made, without secrets.
    """

    def __init__(
        self,
        name: str,
        *,
        prepare: Callable[[Rendered], tuple[Body, ...]],
        error: SniperSightError,
    ) -> None:
        self._name = name
        self._prepare = prepare
        self._error = error

    def __repr__(self) -> str:
        """Return the channel's name."""
        return f"UnusableNotifier({self._name!r})"

    @property
    def name(self) -> str:
        """Return the channel's name."""
        return self._name

    def prepare(self, message: Rendered) -> tuple[Body, ...]:
        """Return the messages a rendering becomes."""
        return self._prepare(message)

    async def send(self, address: str, body: Body, *, key: str, reply_to: str = "") -> SendOutcome:
        """Send nothing and say why; see `domain.channels.Notifier`."""
        return Stopped(
            error=f"{self._error}; then `snipersight notify retry`", is_whole_channel=True
        )

    async def close(self) -> None:
        """Do nothing: there are no connections."""
