"""What is said on Bybit's lines: pings, authentication, subscriptions, and the answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from snipersight.sandbox.exchange.bybit.keys import account_of_stream
from snipersight.sandbox.exchange.bybit.public_streams import PublicStreams
from snipersight.sandbox.exchange.bybit.refusals import Refusal
from snipersight.sandbox.exchange.calls import Call, Reply, dumps
from snipersight.sandbox.exchange.protocol import StreamRefused
from snipersight.sandbox.exchange.streams import Line
from snipersight.sandbox.exchange.world import VenueWorld

PRIVATE_TOPICS: Final = ("order", "execution", "position", "wallet")
_PUBLIC_PATH: Final = "/v5/public/linear"
_PRIVATE_PATH: Final = "/v5/private"
_BY_CATEGORY: Final = ".linear"  # `order.linear` is the part of `order` that there is here


class Talk:
    """Answers what clients say on their lines.

    Args:
        world: of the venue.
        public: the public topics.
    """

    def __init__(self, world: VenueWorld, public: PublicStreams) -> None:
        self._world = world
        self._public = public
        self._ids: WeakKeyDictionary[Line, str] = WeakKeyDictionary()
        self._private: WeakKeyDictionary[Line, bool] = WeakKeyDictionary()

    def open(self, call: Call, line: Line) -> None:
        """Take a new line in.

        Raises:
            StreamRefused: there is no such stream.
        """
        if call.path not in (_PUBLIC_PATH, _PRIVATE_PATH):
            raise StreamRefused(Reply(status=404, body="404 page not found"))
        self._ids[line] = secrets.token_hex(10)
        self._private[line] = call.path == _PRIVATE_PATH

    async def hear(self, line: Line, message: str) -> None:
        """Act on what a client says."""
        try:
            said = json.loads(message)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            said = {}
        op = said.get("op")
        if op == "ping":
            self._pong(line, said)
        elif op == "auth" and self._private[line]:
            self._authenticate(line, said)
        elif op == "subscribe":
            await self._subscribe(line, said)
        elif op == "unsubscribe":
            line.topics.difference_update(_topics(said))
            self._answer(line, said, is_good=True)
        else:
            answer = {"success": False, "ret_msg": "error:invalid op", "conn_id": self._ids[line]}
            line.reply(dumps(answer))

    def _pong(self, line: Line, said: Mapping[str, Any]) -> None:
        if self._private[line]:
            at = [str(self._world.clock() // 1_000)]
            pong = {"req_id": said.get("req_id", ""), "op": "pong", "args": at}
            line.reply(dumps({**pong, "conn_id": self._ids[line]}))
        else:
            self._answer(line, said, is_good=True, text="pong")

    def _authenticate(self, line: Line, said: Mapping[str, Any]) -> None:
        arguments = said.get("args")
        fields = [str(value) for value in arguments] if isinstance(arguments, list) else []
        key, expires, signature = fields[:3] if len(fields) >= 3 else ("", "", "")
        try:
            account = account_of_stream(
                key,
                expires,
                signature,
                accounts=self._world.accounts,
                now_ms=self._world.clock() // 1_000,
            )
        except Refusal as refusal:
            wrong = {"retCode": refusal.code, "retMsg": refusal.what, "connId": self._ids[line]}
            line.reply(dumps({"op": "auth", "success": False, **wrong}))
            return
        line.account = account.name
        self._answer(line, said, is_good=True)

    async def _subscribe(self, line: Line, said: Mapping[str, Any]) -> None:
        topics = _topics(said)
        if self._private[line] and not line.account:
            self._answer(line, said, is_good=False, text="Request not authorized")
            return
        known = self._known(line, topics)
        if unknown := sorted(topics - known):
            text = f"error:handler not found,topic:{unknown[0]}"
            self._answer(line, said, is_good=False, text=text)
            return
        if not self._private[line]:
            self._public.follow(known)
        line.topics.update(known)
        self._answer(line, said, is_good=True)
        if not self._private[line]:
            await self._public.greet(line, known)

    def _known(self, line: Line, topics: Collection[str]) -> set[str]:
        if self._private[line]:
            return {topic for topic in topics if topic in PRIVATE_TOPICS}
        return {topic for topic in topics if self._public.knows(topic)}

    def _answer(
        self, line: Line, said: Mapping[str, Any], *, is_good: bool, text: str = ""
    ) -> None:
        answer = {"success": is_good, "ret_msg": text, "conn_id": self._ids[line]}
        line.reply(dumps({**answer, "req_id": said.get("req_id", ""), "op": said.get("op")}))


def _topics(said: Mapping[str, Any]) -> set[str]:
    arguments = said.get("args")
    names = arguments if isinstance(arguments, list) else []
    return {str(name).removesuffix(_BY_CATEGORY) for name in names}
