"""The operator of a running bot, put together: who may speak, what is answered, what is done."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from snipersight.bootstrap.channels import TELEGRAM
from snipersight.bootstrap.operating.answers import AnswerSources, StoreAnswers
from snipersight.bootstrap.operating.people import roster_of, silence_of
from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.storage.own_lease import OwnLease

if TYPE_CHECKING:
    from snipersight.bootstrap.books import Books
    from snipersight.bot.notifications.sending.rates import RateLimiter
    from snipersight.bot.operator.facts import Stranger
    from snipersight.bot.operator.operator import Health, Operator
    from snipersight.bot.operator.talk import Talk
    from snipersight.domain.channels import Chat
    from snipersight.domain.commands import CommandDesk
    from snipersight.domain.store import UnitOfWork
    from snipersight.storage.key_value import KeyValueStore

_UNHELD: Final = "another process reads this bot's messages"


def open_operator(
    sources: AnswerSources,
    *,
    chats: Iterable[Chat],
    desk: CommandDesk,
    health: Health,
    owner: str,
    limiter: RateLimiter | None = None,
) -> Operator | None:
    """Return what answers people; None where there is no bot, or nobody who may talk to it.

    `people.silence_of` says why there is none. It may be made without a network; connections
    belong to the event loop of `Operator.run`, which closes them.

    Args:
        sources: where answers come from; of the account that commands are for.
        chats: all there are; nothing is answered in public ones.
        desk: does what people say.
        health: told how it goes.
        owner: unique to this process and this start, 1 to 64 characters.
        limiter: of the sender that writes with the same bot; None where there is none.
    """
    settings = sources.books.settings
    token = settings.telegram_bot_token
    if token is None or silence_of(settings) is not None:
        return None
    from snipersight.bot.notifications.channels.vendor_logs import mask_vendor_logs
    from snipersight.bot.notifications.sending.answer_turns import AnswerTurns
    from snipersight.bot.notifications.sending.rates import RateLimiter
    from snipersight.bot.operator.callbacks import button_secret
    from snipersight.bot.operator.paced_talk import PacedTalk
    from snipersight.bot.operator.telegram_talk import TelegramTalk
    from snipersight.bot.telemetry.masking import register_secrets

    plain = token.get_secret_value()
    register_secrets([plain])
    mask_vendor_logs()
    turns = AnswerTurns(RateLimiter() if limiter is None else limiter, TELEGRAM)
    return _operator(
        sources,
        talk=PacedTalk(TelegramTalk(plain, api_url=settings.telegram_api_url), turns),
        secret=button_secret(plain),
        bot_id=plain.partition(":")[0],
        chats=chats,
        desk=desk,
        health=health,
        owner=owner,
    )


def _operator(
    sources: AnswerSources,
    *,
    talk: Talk,
    secret: str,
    bot_id: str,
    chats: Iterable[Chat],
    desk: CommandDesk,
    health: Health,
    owner: str,
) -> Operator:
    from snipersight.bot.operator.asking import Asking
    from snipersight.bot.operator.conversation import Conversation
    from snipersight.bot.operator.deciding import Deciding
    from snipersight.bot.operator.freshness import Freshness
    from snipersight.bot.operator.operator import LEASE_US, Operator
    from snipersight.bot.operator.pressing import Pressing
    from snipersight.bot.operator.replies import Replies
    from snipersight.bot.operator.rooms import Rooms
    from snipersight.bot.operator.speech import Speech

    books = sources.books
    roster, replies = roster_of(books.settings), Replies(talk)
    asking = Asking(StoreAnswers(sources))
    deciding = Deciding(
        desk, account_id=books.ports.account_id, clock=books.ports.clock, secret=secret
    )
    conversation = Conversation(
        roster=roster,
        rooms=Rooms.of(chats, channel=TELEGRAM),
        speech=Speech(
            asking=asking, deciding=deciding, replies=replies, secret=secret, now_s=time.time
        ),
        pressing=Pressing(asking=asking, deciding=deciding, replies=replies, now_s=time.time),
        replies=replies,
        strangers=AuditedStrangers(books),
        secret=secret,
        monotonic_s=time.monotonic,
    )
    name = f"operator:telegram:{bot_id}"
    return Operator(
        talk=talk,
        conversation=conversation,
        freshness=Freshness(StoredPolls(books.store.key_values, name), now_s=time.time),
        lease=OwnLease(books.store.database, name, owner=owner, unheld=_UNHELD, for_us=LEASE_US),
        roster=roster,
        health=health,
        now_s=time.time,
    )


class AuditedStrangers:
    """Records the attempts of strangers in the account's audit.

    Args:
        books: of the account.
    """

    def __init__(self, books: Books) -> None:
        self._ports: Final = books.ports

    def record(self, stranger: Stranger) -> None:
        """Add one record.

        Raises:
            StateUnavailable: it cannot be written.
        """
        ports = self._ports

        def work(unit: UnitOfWork) -> None:
            unit.append(
                AuditDraft(
                    kind=AuditKind.OPERATOR,
                    subject=ports.account_id,
                    actor=stranger.actor,
                    at_us=ports.clock(),
                    body={
                        "command": "refused",
                        "what": stranger.what,
                        "chat": stranger.chat,
                        "name": stranger.name,
                    },
                )
            )

        ports.store.transact(ports.account_id, work)


class StoredPolls:
    """Remembers in the store when a bot last had everything.

    Args:
        values: of the store.
        key: of this bot.
    """

    def __init__(self, values: KeyValueStore, key: str) -> None:
        self._values: Final = values
        self._key: Final = key

    def load_s(self) -> int | None:
        """Return the moment, seconds UTC; None: it is not known."""
        found = self._values.get(self._key)
        if found is None or not found.value.isdecimal():
            return None
        return int(found.value)

    def save_s(self, at_s: int) -> None:
        """Remember a moment, in the place of the one before."""
        self._values.put(self._key, str(at_s))
