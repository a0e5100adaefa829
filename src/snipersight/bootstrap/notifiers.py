"""The channels that the settings name, opened; heavy ones are imported where they are used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic import SecretStr

from snipersight.bootstrap.channels import APPRISE, TELEGRAM, WEBHOOK
from snipersight.bootstrap.settings import Settings
from snipersight.domain.channels import Notifier
from snipersight.domain.errors import ConfigInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNotifiers:
    """Channels, and what keeps others from being used.

    Args:
        by_name: the channels.
        problems: of plug-ins that cannot be used, one sentence each.
    """

    by_name: dict[str, Notifier]
    problems: tuple[str, ...] = ()


def open_notifiers(settings: Settings, wanted: Collection[str]) -> OpenNotifiers:
    """Return the channels that chats are in; no connection is made yet.

    Args:
        settings: tokens and addresses.
        wanted: names of the channels that there are chats in.

    A webhook that cannot be used, because it points inward, says so at each message; these wait.
    """
    opened: list[Notifier] = []
    if TELEGRAM in wanted and settings.telegram_bot_token is not None:
        opened.append(_telegram(settings, settings.telegram_bot_token))
    if WEBHOOK in wanted and settings.has_webhook:
        opened.append(_webhook(settings))
    if APPRISE in wanted and settings.apprise_urls:
        opened.append(_apprise(settings))
    plugins, problems = _plugins(settings, wanted)
    return OpenNotifiers(by_name={one.name: one for one in (*opened, *plugins)}, problems=problems)


def _telegram(settings: Settings, token: SecretStr) -> Notifier:
    from snipersight.bot.notifications.telegram import TelegramNotifier

    return TelegramNotifier(
        token.get_secret_value(),
        settings.telegram_chat_id or "",
        api_url=settings.telegram_api_url,
    )


def _webhook(settings: Settings) -> Notifier:
    from snipersight.bot.notifications.channels.unusable import UnusableNotifier
    from snipersight.bot.notifications.channels.webhook import WebhookNotifier, webhook_bodies

    try:
        return WebhookNotifier(
            _plain(settings.notify_webhook_url),
            _plain(settings.notify_webhook_secret),
            allow_private=settings.notify_webhook_allow_private,
        )
    except ConfigInvalid as error:
        return UnusableNotifier(WEBHOOK, prepare=webhook_bodies, error=error)


def _apprise(settings: Settings) -> Notifier:
    from snipersight.bot.notifications.channels.apprise_channel import AppriseNotifier

    return AppriseNotifier(settings.apprise_urls)


def _plugins(
    settings: Settings, wanted: Collection[str]
) -> tuple[tuple[Notifier, ...], tuple[str, ...]]:
    names = [name for name in settings.notify_plugins if name in wanted]
    if not names:
        return (), ()
    from snipersight.bot.notifications.channels.plugins import load_plugins

    loaded = load_plugins(names)
    return tuple(loaded.notifiers.values()), tuple(loaded.problems)


def _plain(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()
