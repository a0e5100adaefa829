"""What is stored for Telegram: one message with its format, and the plainer forms it may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from snipersight.bot.notifications.markup.formatted_text import Entity, EntityKind, FormattedText
from snipersight.bot.notifications.markup.markdown_entities import to_entities
from snipersight.bot.notifications.markup.splitting import CAPTION_LIMIT, MESSAGE_LIMIT, split
from snipersight.domain.channels import Body, Button, Rendered

_TEXT: Final = "sendMessage"
_PHOTO: Final = "sendPhoto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to send a message.

    Args:
        content: text, or the caption of the photo.
        photo: path of a PNG to be sent; None for text alone.
        is_silent: arrives without a sound.
        buttons: rows of them under the message.
    """

    content: FormattedText
    photo: str | None = None
    is_silent: bool = False
    buttons: tuple[tuple[Button, ...], ...] = ()


def bodies_of(message: Rendered) -> tuple[Body, ...]:
    """Return the messages that tell a rendering, each within Telegram's limits.

    With a picture the first is the photo with as much of the text as a caption holds. A rendering
    in which nothing is to be seen is told by its title; without one there is nothing to tell.
    Buttons are under the last one, where its reader has come to the end.
    """
    formatted = to_entities(message.markdown)
    first = MESSAGE_LIMIT if message.picture is None else CAPTION_LIMIT
    parts = split(formatted, MESSAGE_LIMIT, first_limit=first) or split(
        FormattedText(text=message.title), MESSAGE_LIMIT, first_limit=first
    )
    pictures = (message.picture, *(None for _ in parts[1:]))
    forms = [
        Form(content=part, photo=picture, is_silent=message.is_silent)
        for part, picture in zip(parts, pictures, strict=False)
    ]
    if forms:
        forms[-1] = replace(forms[-1], buttons=message.buttons)
    return tuple(map(_body, forms))


def forms_of(body: Body) -> tuple[Form, ...]:
    """Return the forms to try in turn, the best first: each is plainer and says the same.

    A photo with its caption, the caption as text, the text without any format.

    Raises:
        ValueError: the body is none of ours.
    """
    method = body.get("method")
    if method not in (_TEXT, _PHOTO):
        raise ValueError(f"No method of ours: {method!r}")
    content = FormattedText(
        text=_text(body, "text" if method == _TEXT else "caption"),
        entities=tuple(_entity(one) for one in _list(body.get("entities"))),
    )
    buttons = tuple(tuple(map(_button, _list(row))) for row in _list(body.get("buttons")))
    full = Form(content=content, is_silent=body.get("silent") is True, buttons=buttons)
    forms = [full]
    if method == _PHOTO and body.get("photo") is not None:
        forms.insert(0, replace(full, photo=_text(body, "photo")))
    if content.entities:
        forms.append(replace(full, content=FormattedText(text=content.text)))
    return tuple(forms)


def _body(form: Form) -> Body:
    entities = [_fields(entity) for entity in form.content.entities]
    shared: dict[str, object] = {"entities": entities, "silent": form.is_silent}
    if form.buttons:
        shared["buttons"] = [
            [{"text": one.text, "data": one.data} for one in row] for row in form.buttons
        ]
    if form.photo is None:
        return {"method": _TEXT, "text": form.content.text, **shared}
    return {
        "method": _PHOTO, "caption": form.content.text, "photo": form.photo, **shared
    }  # fmt: skip


def _fields(entity: Entity) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": entity.kind.value,
        "offset": entity.offset,
        "length": entity.length,
    }
    optional = {"url": entity.url, "language": entity.language}
    return fields | {name: value for name, value in optional.items() if value}


def _entity(fields: object) -> Entity:
    if not isinstance(fields, Mapping):
        raise ValueError("An entity without fields")  # noqa: TRY004 - what is stored, not a bug
    return Entity(
        kind=EntityKind(_text(fields, "type")),
        offset=_number(fields, "offset"),
        length=_number(fields, "length"),
        url=_text(fields, "url", ""),
        language=_text(fields, "language", ""),
    )


def _button(fields: object) -> Button:
    if not isinstance(fields, Mapping):
        raise ValueError("A button without fields")  # noqa: TRY004 - what is stored, not a bug
    return Button(text=_text(fields, "text"), data=_text(fields, "data"))


def _text(fields: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = fields.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"No text under {name}")  # noqa: TRY004 - what is stored, not a bug
    return value


def _number(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"No whole number under {name}")  # noqa: TRY004 - as above
    return value


def _list(value: object) -> list[object] | tuple[object, ...]:
    if value is None:
        return ()
    if not isinstance(value, (list, tuple)):
        raise ValueError("Entities or buttons that are no list")  # noqa: TRY004 - as above
    return value
