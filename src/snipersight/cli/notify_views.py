"""What `snipersight notify queue` and `retry` print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from snipersight.cli.exits import ExitCode
from snipersight.cli.notify_opening import open_notify
from snipersight.cli.options import TextFormat
from snipersight.domain import wording
from snipersight.domain.channels import Chat, ChatRole
from snipersight.domain.errors import ConfigInvalid

if TYPE_CHECKING:
    from snipersight.bootstrap.notifying import Notifying
    from snipersight.domain.outbox import StoppedLane
    from snipersight.storage.outbox_view import LaneView, TroubledItem

SCHEMA: Final = "snipersight.notify-queue/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """What is in the outbox.

    Args:
        notices: not worded yet.
        lanes: chats that something waits for.
        stopped: chats and channels that take nothing.
        troubles: what was given up or may have arrived twice, newest first.
        has_channels: whether anybody can be told.
    """

    notices: int
    lanes: tuple[LaneView, ...]
    stopped: tuple[StoppedLane, ...]
    troubles: tuple[TroubledItem, ...]
    has_channels: bool


def show_queue(env_file: Path | None, *, limit: int, output_format: TextFormat) -> ExitCode:
    """Print what is in the outbox.

    Raises:
        ConfigInvalid: a setting is wrong.
        StateUnavailable: the database cannot be used.
    """
    with open_notify(env_file) as notifying:
        view = view_of(notifying, limit=limit)
    if output_format is TextFormat.JSON:
        print(json.dumps(queue_json(view), indent=2, ensure_ascii=False))
    else:
        print("\n".join(queue_lines(view)))
    return ExitCode.OK


def run_retry(
    env_file: Path | None, *, channel: str | None, chat: str | None, to: str | None
) -> ExitCode:
    """Let what is stopped go on, try again what was given up, and say how much that is.

    Args:
        env_file: settings file to read instead of the one in the home folder.
        channel, chat: only of these; None: of all.
        to: a private chat of that channel that gets what waits for `chat` instead.

    Raises:
        ConfigInvalid: a setting is wrong, a chat is named without its channel, or there is no
            private chat `to`.
        StateUnavailable: the database cannot be used.
    """
    _require_named(channel, chat, to)
    with open_notify(env_file) as notifying:
        if channel is not None and chat is not None and to is not None:
            _require_private(notifying.chats, channel, to)
            notifying.outbox.move(channel, chat, to)
        count = notifying.outbox.resume(channel, chat)
    print(retry_line(count))
    return ExitCode.OK


def _require_named(channel: str | None, chat: str | None, to: str | None) -> None:
    if chat is not None and channel is None:
        raise ConfigInvalid(
            "a chat is named without its channel",
            where="--chat",
            next_step=f"write --channel telegram --chat {chat}",
        )
    if to is not None and chat is None:
        raise ConfigInvalid(
            "nothing says whose messages are meant",
            where="--to",
            next_step=f"write --channel telegram --chat OLD --to {to}",
        )


def _require_private(chats: Sequence[Chat], channel: str, address: str) -> None:
    """Make sure that no audience gets what was worded for somebody else."""
    for chat in chats:
        if (chat.channel, chat.address) == (channel, address) and chat.role is ChatRole.PRIVATE:
            return
    raise ConfigInvalid(
        f"{channel}:{address} is no private chat of the settings",
        where="--to",
        next_step="set it as TELEGRAM_CHAT_ID or name it in channels.toml, then try again",
    )


def view_of(notifying: Notifying, *, limit: int) -> QueueView:
    """Return what is in the outbox.

    Raises:
        StateUnavailable: the database cannot be read.
    """
    return QueueView(
        notices=notifying.notices_waiting(),
        lanes=notifying.lanes_waiting(),
        stopped=notifying.outbox.stopped(),
        troubles=notifying.troubled(limit),
        has_channels=notifying.has_channels,
    )


def queue_lines(view: QueueView) -> Iterator[str]:
    """Yield what is in the outbox, a line each; longer lists are indented."""
    if not view.has_channels:
        yield "No notification channel is configured; what waits goes on waiting."
    if view.notices:
        yield f"{wording.counted(view.notices, 'notice')} not worded yet."
    waiting = sum(lane.waiting for lane in view.lanes)
    yield f"{wording.counted(waiting, 'message')} waiting{':' if waiting else '.'}"
    halted = {(lane.channel, lane.address) for lane in view.stopped}
    yield from (f"  {_lane_line(lane, halted)}" for lane in view.lanes)
    if view.stopped:
        yield "Nothing is taken by (`snipersight notify retry` lets them go on):"
        yield from (f"  {_stopped_line(lane)}" for lane in view.stopped)
    if view.troubles:
        yield "Given up, or perhaps arrived twice, newest first:"
        yield from (f"  {_trouble_line(item)}" for item in view.troubles)


def queue_json(view: QueueView) -> dict[str, Any]:
    """Return what is in the outbox as JSON values; times are ISO 8601 in UTC."""
    return {
        "schema": SCHEMA,
        "has_channels": view.has_channels,
        "notices": view.notices,
        "waiting": [
            {
                "channel": lane.channel,
                "chat": lane.address,
                "messages": lane.waiting,
                "oldest_at": _iso(lane.oldest_us),
                "next_at": _iso(lane.next_us),
                "last_error": lane.last_error,
            }
            for lane in view.lanes
        ],
        "stopped": [
            {
                "channel": lane.channel,
                "chat": lane.address or None,
                "since": _iso(lane.since_us),
                "error": lane.error,
            }
            for lane in view.stopped
        ],
        "troubles": [_trouble_json(item) for item in view.troubles],
    }


def retry_line(count: int) -> str:
    """Return how much goes on, and what sends it."""
    if not count:
        return "Nothing is stopped or given up."
    return f"Stopped chats and given up messages that go on: {count:,}. `snipersight notify send` sends them."


def _lane_line(lane: LaneView, halted: set[tuple[str, str]]) -> str:
    # Of what is stopped the reason is told below.
    is_halted = not halted.isdisjoint({(lane.channel, lane.address), (lane.channel, "")})
    error = f"; last error: {lane.last_error}" if lane.last_error and not is_halted else ""
    return (
        f"{lane.channel}:{lane.address}  {lane.waiting:,}, the oldest of "
        f"{wording.minute_of(lane.oldest_us // 1000)} UTC{error}"
    )


def _stopped_line(lane: StoppedLane) -> str:
    since = wording.minute_of(lane.since_us // 1000)
    return f"{lane.channel}:{lane.address or '*'}  since {since} UTC: {lane.error}"


def _trouble_line(item: TroubledItem) -> str:
    where = f"{item.channel}:{item.address}" if item.channel else "not worded"
    when = wording.minute_of(item.created_us // 1000)
    why = f": {item.last_error}" if item.last_error else ""
    return f"{when} UTC  {where}  {_state(item)}{why}  ({item.key})"


def _state(item: TroubledItem) -> str:
    tried = f"tried {item.attempts}×" if item.attempts > 1 else "tried once"
    if item.state == "dead":
        maybe = ", may have arrived" if item.is_ambiguous else ""
        return f"given up{maybe}" if not item.channel else f"given up, {tried}{maybe}"
    return f"{'arrived' if item.state == 'done' else 'waiting'}, {tried}, perhaps twice"


def _trouble_json(item: TroubledItem) -> dict[str, Any]:
    return {
        "key": item.key,
        "channel": item.channel or None,
        "chat": item.address or None,
        "state": "given_up" if item.state == "dead" else item.state,
        "attempts": item.attempts,
        "is_ambiguous": item.is_ambiguous,
        "stored_at": _iso(item.created_us),
        "last_error": item.last_error,
    }


def _iso(time_us: int) -> str:
    return wording.iso_of(time_us // 1000)
