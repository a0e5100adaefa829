"""Message entities: their kinds, their JSON, and the order the Bot API keeps them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from snipersight.sandbox.telegram.answers import Answer, bad_request
from snipersight.sandbox.telegram.links import checked_link, user_of_link


class EntityKind(StrEnum):
    """Kinds of entities by the Bot API's names."""

    MENTION = "mention"
    HASHTAG = "hashtag"
    CASHTAG = "cashtag"
    BOT_COMMAND = "bot_command"
    URL = "url"
    EMAIL = "email"
    PHONE_NUMBER = "phone_number"
    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKETHROUGH = "strikethrough"
    SPOILER = "spoiler"
    BLOCKQUOTE = "blockquote"
    EXPANDABLE_BLOCKQUOTE = "expandable_blockquote"
    CODE = "code"
    PRE = "pre"
    TEXT_LINK = "text_link"
    TEXT_MENTION = "text_mention"
    CUSTOM_EMOJI = "custom_emoji"
    DATE_TIME = "date_time"


SPLITTABLE: Final = (
    EntityKind.BOLD,
    EntityKind.ITALIC,
    EntityKind.UNDERLINE,
    EntityKind.STRIKETHROUGH,
    EntityKind.SPOILER,
)
QUOTES: Final = (EntityKind.BLOCKQUOTE, EntityKind.EXPANDABLE_BLOCKQUOTE)
CODES: Final = (EntityKind.CODE, EntityKind.PRE)
_FOUND_BY_TELEGRAM: Final = {
    EntityKind.MENTION,
    EntityKind.HASHTAG,
    EntityKind.CASHTAG,
    EntityKind.BOT_COMMAND,
    EntityKind.URL,
    EntityKind.EMAIL,
    EntityKind.PHONE_NUMBER,
}
# Which of two entities over the same text comes first, being the outer one.
_RANKS: Final = {
    EntityKind.BLOCKQUOTE: 0,
    EntityKind.EXPANDABLE_BLOCKQUOTE: 0,
    EntityKind.PRE: 11,
    EntityKind.CODE: 20,
    EntityKind.TEXT_LINK: 49,
    EntityKind.TEXT_MENTION: 49,
    EntityKind.BOLD: 90,
    EntityKind.ITALIC: 91,
    EntityKind.UNDERLINE: 92,
    EntityKind.STRIKETHROUGH: 93,
    EntityKind.SPOILER: 94,
    EntityKind.CUSTOM_EMOJI: 99,
}
_RANK_OF_OTHERS: Final = 50
_RANK_OF_PRE_WITH_LANGUAGE: Final = 10
# Names of the argument in JSON, where a kind has one.
_ARGUMENTS: Final = {
    EntityKind.TEXT_LINK: "url",
    EntityKind.PRE: "language",
    EntityKind.CUSTOM_EMOJI: "custom_emoji_id",
    EntityKind.DATE_TIME: "unix",
}
MAX_OFFSET: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity.

    Args:
        kind: what it does to the text.
        offset, length: in UTF-16 code units.
        argument: URL, language, emoji id or user id, where the kind has one; empty for none.
    """

    kind: EntityKind
    offset: int
    length: int
    argument: str = ""

    @property
    def end(self) -> int:
        """Return the code unit after its last."""
        return self.offset + self.length

    def as_json(self) -> Answer:
        """Return the `MessageEntity` object of the Bot API."""
        entity: Answer = {"offset": self.offset, "length": self.length, "type": str(self.kind)}
        if self.kind is EntityKind.TEXT_MENTION:
            user = {"id": int(self.argument), "is_bot": False, "first_name": "Trader"}
            return {**entity, "user": user}
        if self.argument and self.kind in _ARGUMENTS:
            value = self.argument
            entity[_ARGUMENTS[self.kind]] = (
                int(value) if self.kind is EntityKind.DATE_TIME else value
            )
        return entity


def in_order(entities: Iterable[Entity]) -> list[Entity]:
    """Return entities from left to right, the outer before the inner."""
    return sorted(entities, key=lambda entity: (entity.offset, -entity.length, rank_of(entity)))


def rank_of(entity: Entity) -> int:
    """Return which of several entities over the same text is the outer: the lower one."""
    if entity.kind is EntityKind.PRE and entity.argument:
        return _RANK_OF_PRE_WITH_LANGUAGE
    return _RANKS.get(entity.kind, _RANK_OF_OTHERS)


def entities_of(values: object) -> list[Entity]:
    """Read the `entities` parameter; kinds that Telegram finds by itself are passed over.

    Raises:
        Refusal: no list of entities.
    """
    if values is None:
        return []
    if not isinstance(values, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    read = (_entity_of(value) for value in values)
    return [entity for entity in read if entity is not None]


def _entity_of(value: object) -> Entity | None:
    if not isinstance(value, Mapping):
        raise bad_request("can't parse MessageEntity: expected an Object")
    offset, length = (_number(value, "offset"), _number(value, "length"))
    written = value.get("type")
    if not isinstance(written, str):
        raise bad_request("can't parse MessageEntity: can't find field \"type\"")
    kind = next((kind for kind in EntityKind if kind == written), None)
    # Like Telegram, which has had more kinds every year: an unknown one does nothing.
    if kind is None or kind in _FOUND_BY_TELEGRAM:
        return None
    if kind is EntityKind.TEXT_LINK:
        return _given_link(str(value.get("url") or ""), offset, length)
    return Entity(kind, offset, length, _argument_of(kind, value))


def link_entity(url: str, offset: int, length: int) -> Entity | None:
    """Return the entity of a link, of a mention for a link to a user; None for an unusable one."""
    user_id = user_of_link(url)
    if user_id:
        return Entity(EntityKind.TEXT_MENTION, offset, length, user_id)
    link = checked_link(url)
    return Entity(EntityKind.TEXT_LINK, offset, length, link) if link else None


def _given_link(url: str, offset: int, length: int) -> Entity:
    entity = link_entity(url, offset, length)
    if entity is None:
        raise bad_request(f'entity URL "{url}" is invalid')
    return entity


def _number(value: Mapping[str, object], name: str) -> int:
    number = value.get(name)
    if isinstance(number, str) and number.lstrip("-").isdecimal():
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool):
        raise bad_request(f'can\'t parse MessageEntity: field "{name}" must be a number')
    if not 0 <= number <= MAX_OFFSET:
        raise bad_request(f"receive an entity with incorrect {name} {number}")
    return number


def _argument_of(kind: EntityKind, value: Mapping[str, object]) -> str:
    if kind is EntityKind.TEXT_MENTION:
        user = value.get("user")
        user_id = user.get("id") if isinstance(user, Mapping) else None
        if not isinstance(user_id, int):
            raise bad_request("can't parse MessageEntity: invalid user identifier")
        return str(user_id)
    name = _ARGUMENTS.get(kind)
    return str(value.get(name) or "") if name else ""
