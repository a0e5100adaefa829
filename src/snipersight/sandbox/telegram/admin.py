"""The sandbox's own addresses: report and settings for tests, and what the page reads and does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Final

from aiohttp import web

from snipersight.domain.errors import ConfigInvalid
from snipersight.sandbox.telegram.answers import Answer, Refusal, bad_request
from snipersight.sandbox.telegram.bot_api import BotApi
from snipersight.sandbox.telegram.chats import ChatKind, SandboxChat, Standing
from snipersight.sandbox.telegram.faults import SENDING, FaultDice, FaultKind, FaultPlan
from snipersight.sandbox.telegram.guard import HEADERS
from snipersight.sandbox.telegram.limits import RateLimits
from snipersight.sandbox.telegram.messages import SandboxUser
from snipersight.sandbox.telegram.report import report_of
from snipersight.sandbox.telegram.world import World

Act = Callable[[Mapping[str, object]], Answer]
_PAGE: Final = {
    "/": ("page.html", "text/html"),
    "/sandbox/page.css": ("page.css", "text/css"),
    "/sandbox/page.js": ("page.js", "text/javascript"),
}
_SHOWN: Final = 200


class Admin:
    """Reads and changes the world from outside the Bot API. Nothing here needs the token."""

    def __init__(self, world: World, api: BotApi) -> None:
        self._world = world
        self._api = api

    def add_to(self, application: web.Application) -> None:
        """Add the addresses to an application."""
        router = application.router
        for path in _PAGE:
            router.add_get(path, _page)
        router.add_get("/sandbox/report", self._report)
        router.add_get("/sandbox/view", self._view)
        router.add_get("/sandbox/photos/{file_id}", self._photo)
        acts: dict[str, Act] = {
            "chats": self.put_chat,
            "faults": self.set_faults,
            "limits": self.set_limits,
            "press": self.press,
            "text": self.write,
            "webhook": self.set_webhook,
        }
        for name, act in acts.items():
            router.add_post(f"/sandbox/{name}", _posted(act))

    def put_chat(self, body: Mapping[str, object]) -> Answer:
        """Add or change a chat."""
        fields = dict(body)
        chat_id, moved_to = _whole(fields.pop("id", None)), fields.pop("moved_to", None)
        kind, standing = fields.pop("kind", None), fields.pop("standing", "open")
        chat = SandboxChat(
            id=chat_id,
            kind=None if kind is None else ChatKind(str(kind)),
            standing=Standing(str(standing)),
            moved_to=None if moved_to is None else _whole(moved_to),
            **{name: str(fields.pop(name, "")) for name in ("title", "username")},
        )
        _nothing_left(fields)
        self._world.chats.put(chat)
        return chat.as_json()

    def set_faults(self, body: Mapping[str, object]) -> Answer:
        """Follow another plan of faults; what was counted stays."""
        fields = dict(body)
        rates, methods = fields.pop("rates", {}), fields.pop("methods", [*SENDING])
        if not isinstance(rates, Mapping) or not isinstance(methods, list):
            raise bad_request("rates must be an object and methods a list")
        plan = FaultPlan(
            rates={FaultKind(kind): _number(rate) for kind, rate in rates.items()},
            seed=_whole(fields.pop("seed", 0)),
            methods=frozenset(str(method).lower() for method in methods),
            delay_s=_number(fields.pop("delay_s", 0.2)),
            retry_after_s=_whole(fields.pop("retry_after_s", 1)),
        )
        _nothing_left(fields)
        self.follow(plan)
        return {"faults": {str(kind): rate for kind, rate in plan.rates.items()}}

    def follow(self, plan: FaultPlan) -> None:
        """Throw the dice of another plan from now on."""
        counts = self._api.dice.counts
        self._api.dice = FaultDice(plan)
        self._api.dice.counts.update(counts)

    def set_limits(self, body: Mapping[str, object]) -> Answer:
        """Enforce other flood limits; what passed before counts towards them."""
        fields = dict(body)
        names = ("overall_per_s", "chat_per_s", "group_per_min")
        now = self._world.gate.limits
        numbers = {name: _whole(fields.pop(name, getattr(now, name))) for name in names}
        tolerance_s = _number(fields.pop("tolerance_s", now.tolerance_s))
        _nothing_left(fields)
        self._world.gate.limits = RateLimits(**numbers, tolerance_s=tolerance_s)
        return {**numbers, "tolerance_s": tolerance_s}

    def set_webhook(self, body: Mapping[str, object]) -> Answer:
        """Pretend that a webhook is set, or not."""
        self._world.updates.has_webhook = body.get("is_active") is True
        return {"is_active": self._world.updates.has_webhook}

    def write(self, body: Mapping[str, object]) -> Answer:
        """Let the user of a chat write to the bot."""
        text = str(body.get("text", "")).strip()
        if not text or len(text) > 4096:
            raise bad_request("write 1 to 4096 characters")
        chat = self._world.chats.find(str(body.get("chat_id", "")))
        return self._world.write_as_user(chat, text, _user(body)).as_json()

    def press(self, body: Mapping[str, object]) -> Answer:
        """Let the user press a button."""
        chat_id, message_id = _whole(body.get("chat_id")), _whole(body.get("message_id"))
        message = self._world.find(chat_id, message_id)
        if message is None:
            raise Refusal(404, "message not found")
        data, is_forged = str(body.get("data", "")), body.get("is_forged") is True
        return {"query_id": self._world.press(message, data, _user(body), is_forged=is_forged)}

    async def _report(self, request: web.Request) -> web.Response:
        with_messages = request.query.get("messages") != "no"
        after = request.query.get("after", "0")
        report = report_of(
            self._world,
            self._api.dice,
            with_messages=with_messages,
            after=int(after) if after.isdecimal() else 0,
        )
        return web.json_response(report, headers=HEADERS)

    async def _view(self, request: web.Request) -> web.Response:
        """Answer what the page shows, or only that nothing has changed."""
        world, chat_id = self._world, request.query.get("chat_id", "")
        if request.query.get("revision") == str(world.revision):
            return web.json_response({"revision": world.revision}, headers=HEADERS)
        messages = [m for m in world.messages if str(m.chat_id) == chat_id]
        last = {message.chat_id: message for message in world.messages}
        chats = [
            {
                **chat.as_json(),
                "name": chat.name,
                "standing": str(chat.standing),
                "last": last[chat.id].text[:80] if chat.id in last else "",
                "last_ms": last[chat.id].at_ms if chat.id in last else None,
            }
            for chat in world.chats
        ]
        view = {
            "revision": world.revision,
            "bot": world.bot["first_name"],
            "chats": chats,
            "answers": world.answered,
            "messages": [message.as_json() for message in messages[-_SHOWN:]],
        }
        return web.json_response(view, headers=HEADERS)

    async def _photo(self, request: web.Request) -> web.Response:
        picture = self._world.pictures.get(request.match_info["file_id"])
        if picture is None:
            raise web.HTTPNotFound
        return web.Response(
            body=self._world.pictures.data(picture.file_id),
            content_type=picture.content_type,
            headers=HEADERS,
        )


async def _page(request: web.Request) -> web.Response:
    name, content_type = _PAGE[request.path]
    text = files(__package__).joinpath(name).read_text("utf-8")
    return web.Response(text=text, content_type=content_type, headers=HEADERS)


def _posted(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that reads a JSON object, acts on it, and says what is wrong with it."""

    async def handle(request: web.Request) -> web.Response:
        # A form of another page can send everything but this type without being asked.
        if request.content_type != "application/json":
            return _wrong("send application/json", 415)
        try:
            body = await request.json()
            if not isinstance(body, dict):
                return _wrong("send a JSON object", 400)
            return web.json_response(act(body), headers=HEADERS)
        except Refusal as refusal:
            return _wrong(refusal.what, refusal.code)
        except (ConfigInvalid, ValueError) as error:
            return _wrong(str(error), 400)

    return handle


def _wrong(why: str, status: int) -> web.Response:
    return web.json_response({"error": why}, status=status, headers=HEADERS)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise bad_request(f"{value!r} is no whole number")
    return value


def _user(body: Mapping[str, object]) -> SandboxUser | None:
    """Return who does it, as `user_id` and `user_name` say; None: whoever the chat is with."""
    if body.get("user_id") is None:
        return None
    user_id, name = _whole(body.get("user_id")), str(body.get("user_name", "")) or "Somebody"
    return SandboxUser(id=user_id, name=name)


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise bad_request(f"{value!r} is no number")
    return float(value)


def _nothing_left(fields: Mapping[str, object]) -> None:
    if fields:
        raise bad_request(f"unknown: {', '.join(sorted(fields))}")
