"""The methods of the Bot API that the sandbox carries out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from snipersight.sandbox.telegram.answers import Answer, Refusal, bad_request
from snipersight.sandbox.telegram.chats import SandboxChat, check_may_write
from snipersight.sandbox.telegram.keyboards import keyboard_of
from snipersight.sandbox.telegram.messages import Keyboard, SentMessage
from snipersight.sandbox.telegram.parameters import Parameters
from snipersight.sandbox.telegram.pictures import Picture
from snipersight.sandbox.telegram.tidying import Worded
from snipersight.sandbox.telegram.wording import caption_of, text_of
from snipersight.sandbox.telegram.world import World

Method = Callable[[World, Parameters, str], Awaitable[object]]
_NOT_MODIFIED: Final = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


async def get_me(world: World, parameters: Parameters, fault: str) -> Answer:
    """Return the bot as a user."""
    abilities = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
    return {**world.bot, **{ability: ability == "can_join_groups" for ability in abilities}}


async def send_message(world: World, parameters: Parameters, fault: str) -> Answer:
    """Deliver a text."""
    worded = text_of(parameters)
    return _send(world, parameters, worded, raw=parameters.text("text"), fault=fault)


async def send_photo(world: World, parameters: Parameters, fault: str) -> Answer:
    """Deliver a picture with a caption."""
    worded = caption_of(parameters)
    picture = _picture_of(world, parameters)
    raw = parameters.text("caption")
    return _send(world, parameters, worded, raw=raw, fault=fault, picture=picture)


def _send(
    world: World,
    parameters: Parameters,
    worded: Worded,
    *,
    raw: str,
    fault: str,
    picture: Picture | None = None,
) -> Answer:
    keyboard = keyboard_of(parameters.json("reply_markup", called="reply keyboard markup"))
    chat = world.chats.find(parameters.text("chat_id"))
    check_may_write(chat, what="text messages" if picture is None else "photos")
    if parameters.integer("message_thread_id"):
        raise bad_request("message thread not found")  # no chat of the sandbox has topics
    reply_to = _reply_to(world, chat, parameters)
    world.pass_or_refuse(chat)
    draft = SentMessage(
        number=0,
        chat_id=0,
        message_id=0,
        at_ms=0,
        text=worded.text,
        entities=worded.entities,
        raw_text=raw,
        parse_mode=parameters.text("parse_mode"),
        picture=picture,
        is_silent=parameters.flag("disable_notification"),
        reply_to=reply_to,
        keyboard=keyboard,
        fault=fault,
    )
    return world.told(world.deliver(chat, draft))


def _picture_of(world: World, parameters: Parameters) -> Picture:
    written = parameters.text("photo")
    name = written.removeprefix("attach://") if written.startswith("attach://") else "photo"
    if name in parameters.files:
        return world.pictures.keep(parameters.files[name])
    if not written:
        raise bad_request("there is no photo in the request")
    if written.lower().startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")  # the sandbox is nowhere but here
    known = world.pictures.get(written)
    if known is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    return known


def _reply_to(world: World, chat: SandboxChat, parameters: Parameters) -> int | None:
    """Return the id of the message to answer; None for none, or if it is gone and may be."""
    wanted = parameters.integer("reply_to_message_id")
    may_be_gone = parameters.flag("allow_sending_without_reply")
    given = parameters.json("reply_parameters", called="reply parameters")
    if isinstance(given, dict):
        wanted = Parameters({"id": str(given.get("message_id", 0))}).integer("id")
        may_be_gone = given.get("allow_sending_without_reply") is True
    if not wanted:
        return None
    if world.find(chat.id, wanted) is not None:
        return wanted
    if not may_be_gone:
        raise bad_request("message to be replied not found")
    return None


async def edit_message_text(world: World, parameters: Parameters, fault: str) -> Answer:
    """Give a message another text."""
    worded = text_of(parameters)
    keyboard = keyboard_of(parameters.json("reply_markup", called="reply keyboard markup"))
    chat = world.chats.find(parameters.text("chat_id"))
    check_may_write(chat)
    before = _editable(world, chat, parameters)
    if _shown(before) == (worded.text, worded.entities, keyboard):
        raise bad_request(_NOT_MODIFIED)
    world.pass_or_refuse(chat)
    after = replace(
        before,
        text=worded.text,
        entities=worded.entities,
        raw_text=parameters.text("text"),
        parse_mode=parameters.text("parse_mode"),
        keyboard=keyboard,
    )
    return world.told(world.edit(after))


def _editable(world: World, chat: SandboxChat, parameters: Parameters) -> SentMessage:
    message = _own_message(world, chat, parameters)
    if message.picture is not None:
        raise bad_request("there is no text in the message to edit")
    return message


def _own_message(world: World, chat: SandboxChat, parameters: Parameters) -> SentMessage:
    message_id = parameters.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    message = world.find(chat.id, message_id)
    if message is None:
        raise bad_request("message to edit not found")
    if message.is_users:
        raise bad_request("message can't be edited")
    return message


def _shown(message: SentMessage) -> tuple[str, object, Keyboard]:
    return message.text, message.entities, message.keyboard


async def edit_message_reply_markup(world: World, parameters: Parameters, fault: str) -> Answer:
    """Put other buttons under a message, or none."""
    keyboard = keyboard_of(parameters.json("reply_markup", called="reply keyboard markup"))
    chat = world.chats.find(parameters.text("chat_id"))
    check_may_write(chat)
    before = _own_message(world, chat, parameters)
    if before.keyboard == keyboard:
        raise bad_request(_NOT_MODIFIED)
    world.pass_or_refuse(chat)
    return world.told(world.edit(replace(before, keyboard=keyboard)))


async def answer_callback_query(world: World, parameters: Parameters, fault: str) -> bool:
    """Tell the user who pressed a button what came of it."""
    world.answer_query(parameters.text("callback_query_id"), parameters.text("text"))
    return True


async def get_updates(world: World, parameters: Parameters, fault: str) -> list[Answer]:
    """Return what users did since the offset."""
    return await world.updates.fetch(
        offset=parameters.integer("offset"),
        limit=parameters.integer("limit", 100),
        wait_s=parameters.integer("timeout"),
    )


async def delete_webhook(world: World, parameters: Parameters, fault: str) -> bool:
    """Go back to polling."""
    world.updates.has_webhook = False
    if parameters.flag("drop_pending_updates"):
        world.updates.clear()
    return True


async def get_webhook_info(world: World, parameters: Parameters, fault: str) -> Answer:
    """Return whether a webhook is said to be active; the sandbox itself calls none."""
    url = "https://elsewhere.invalid/" if world.updates.has_webhook else ""
    pending = len(world.updates)
    return {"url": url, "has_custom_certificate": False, "pending_update_count": pending}


async def set_my_commands(world: World, parameters: Parameters, fault: str) -> bool:
    """Keep the list of commands of a scope."""
    commands = parameters.json("commands", called="commands")
    if not isinstance(commands, list):
        raise bad_request("expected an Array of BotCommand")
    world.commands[_scope_of(world, parameters)] = commands
    return True


async def get_my_commands(world: World, parameters: Parameters, fault: str) -> list[object]:
    """Return the list of commands of a scope, without looking at wider ones, as Telegram does."""
    return world.commands.get(_scope_of(world, parameters), [])


def _scope_of(world: World, parameters: Parameters) -> str:
    """Return the scope of a list of commands: `default`, or a chat."""
    scope = parameters.json("scope", called="BotCommandScope")
    if scope is None:
        return "default"
    kind = scope.get("type") if isinstance(scope, dict) else None
    if not isinstance(scope, dict) or not isinstance(kind, str):
        raise bad_request("can't parse BotCommandScope")
    if kind == "chat":
        return f"chat {world.chats.find(str(scope.get('chat_id', ''))).id}"
    return kind


async def get_chat(world: World, parameters: Parameters, fault: str) -> Answer:
    """Return what is known of a chat."""
    chat = world.chats.find(parameters.text("chat_id"))
    extra = {"accent_color_id": 0, "max_reaction_count": 11}
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    accepted = dict.fromkeys((*gifts, "gifts_from_channels"), False)
    return {**chat.as_json(), **extra, "accepted_gift_types": accepted}


METHODS: Final[dict[str, Method]] = {
    "answercallbackquery": answer_callback_query,
    "deletewebhook": delete_webhook,
    "editmessagereplymarkup": edit_message_reply_markup,
    "editmessagetext": edit_message_text,
    "getchat": get_chat,
    "getme": get_me,
    "getmycommands": get_my_commands,
    "getupdates": get_updates,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "setmycommands": set_my_commands,
}


def method_of(name: str) -> Method:
    """Return a method by its name in small letters.

    Raises:
        Refusal: the sandbox has no such method.
    """
    if name not in METHODS:
        raise Refusal(404, "method not found")
    return METHODS[name]
