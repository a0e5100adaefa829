"""Who may talk to the bot, by the settings."""

from __future__ import annotations

from typing import Final

from snipersight.bootstrap.settings import Settings
from snipersight.domain.errors import ConfigInvalid
from snipersight.domain.people import Role, Roster

_SET_UP: Final = "docs/bot.md shows how to find your user id"


def roster_of(settings: Settings) -> Roster:
    """Return everybody who may say anything.

    Where nobody is named at all, the person whose own chat `TELEGRAM_CHAT_ID` is may do everything:
    whoever set the bot up for themselves. A group or a channel makes nobody anything.
    """
    named = Roster.of(
        admins=settings.telegram_admins,
        traders=settings.telegram_traders,
        viewers=settings.telegram_viewers,
    )
    chat = (settings.telegram_chat_id or "").strip()
    if named.roles or not (chat.isascii() and chat.isdecimal()):
        return named
    return Roster.of(admins=(chat,))


def require_approvers(settings: Settings) -> None:
    """Make sure that somebody can press Approve, where nothing is executed without it.

    Raises:
        ConfigInvalid: there is no bot, or nobody who may decide.
    """
    if settings.telegram_bot_token is None:
        raise ConfigInvalid(
            "nobody can be asked: there is no bot",
            where="TELEGRAM_BOT_TOKEN",
            next_step="docs/notifications.md shows how to make one, or leave --approve out",
        )
    if not roster_of(settings).has(Role.TRADER):
        raise ConfigInvalid(
            "nobody may approve: no trader and no admin is named",
            where="TELEGRAM_ADMINS, TELEGRAM_TRADERS",
            next_step=_SET_UP,
        )


def silence_of(settings: Settings) -> str | None:
    """Return why nobody can talk to the bot; None: somebody can."""
    if settings.telegram_bot_token is None:
        return "nobody can talk to the bot: TELEGRAM_BOT_TOKEN is not set"
    if not roster_of(settings).roles:
        return (
            "nobody may talk to the bot: TELEGRAM_ADMINS, TELEGRAM_TRADERS and TELEGRAM_VIEWERS "
            "are empty, and TELEGRAM_CHAT_ID is no person's own chat"
        )
    return None
