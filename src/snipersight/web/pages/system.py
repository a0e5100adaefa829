"""How the machinery is: the engine, venues, what waits to be told, and the newest log lines."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from snipersight.bootstrap.dashboard.views import (
    EngineState,
    EngineView,
    ProcessView,
    SystemView,
    Topic,
)
from snipersight.domain.wording import counted
from snipersight.web.pages.kit import (
    Node,
    age,
    chip,
    heading,
    link,
    now_ms,
    panel,
    prose,
    tile,
)
from snipersight.web.pages.log_lines import LogLines
from snipersight.web.pages.rows import Column, cell, table, text_rows
from snipersight.web.pages.shell import shell
from snipersight.web.pages.states import blank
from snipersight.web.pages.visit import Visit, asked
from snipersight.web.pages.words import DASH, moment, moment_us

_PARTS: Final = (Column("Part"), Column("State"), Column("Last sign", "num"), Column("Trouble"))


async def system_page(visit: Visit, request: Request) -> None:
    """Draw the page at `/system`."""
    listed = LogLines(dict(request.query_params))
    with shell(visit, "System", "/system"):
        heading("System")
        with Node("p", classes="aside"):
            Node("span", f"You are {visit.caller.name}, with scope {visit.caller.scope}. ")
            link("Log out", "/logout", "text")
        with Node("div", classes="stack"):
            visit.live.section(
                {Topic.SYSTEM, Topic.COMMANDS},
                asked(visit.reader.system, visit.account),
                _system,
                classes="stack",
            )
            listed.draw_filter()
            visit.live.section(
                {Topic.SYSTEM, Topic.EVENTS},
                asked(visit.reader.logs, **listed.wanted),
                listed.draw,
                keeps=True,
            )


def _system(view: SystemView) -> None:
    with Node("dl", classes="tiles"):
        _engine(view.engine)
        tile("Health", "Known" if view.is_health_known else "Not asked", view.health)
        tile("To be worded", f"{view.notices_waiting:,}", "messages")
        tile("Commands", f"{view.commands_waiting:,}", "wait to be done")
        tile("Version", view.version, view.database)
    with Node("div", classes="halves"):
        _processes(view)
        _venues(view)
        _parts(view)
        _outbox(view)


def _engine(engine: EngineView) -> None:
    words = {
        EngineState.LIVE: ("Alive", "pos"),
        EngineState.SILENT: ("Silent", "neg"),
        EngineState.NONE: ("Not running", ""),
    }
    word, tone = words[engine.state]
    with Node("div", classes="tile"):
        Node("dt", "Engine")
        Node("dd", word, tone)
        with Node("dd", classes="note"):
            if engine.seen_ms is None:
                prose("`snipersight run` starts one", tag="span")
            else:
                Node("span", "last sign ")
                age(engine.seen_ms, as_of_ms=engine.seen_ms + (engine.age_ms or 0))
                Node("span", " ago")
    tile("Newest scan", moment(engine.last_scan_ms), engine.executor or "nobody executes")


def _processes(view: SystemView) -> None:
    _, body = panel("Processes")
    with body:
        if not view.processes:
            blank("No process has shown itself", "`snipersight run` starts one.", "system")
            return
        columns = (Column("Right"), Column("Held by"), Column("Last sign", "num"), Column("State"))
        with table(columns, caption="Processes"):
            for one in view.processes:
                with Node("tr"):
                    cell(columns[0], one.name, "strong title")
                    cell(columns[1], one.owner)
                    with cell(columns[2]):
                        age(one.seen_ms, as_of_ms=now_ms())
                    with cell(columns[3], classes="whole"):
                        _life(one)


def _life(one: ProcessView) -> None:
    if one.is_live:
        chip("✓ alive", "good")
    elif one.successor:
        chip("ended")
        Node("span", f"its work went on to {one.successor}", "below")
    else:
        chip("✕ silent", "bad")


def _venues(view: SystemView) -> None:
    _, body = panel("Venues")
    with body:
        if not view.venues:
            blank("Nothing is told of a venue yet", "A run tells how its venues are.", "system")
            return
        columns = (Column("Venue"), Column("State"), Column("Told"), Column("When", "num"))
        with table(columns, caption="Venues"):
            for one in view.venues:
                with Node("tr"):
                    cell(columns[0], one.venue, "strong title")
                    with cell(columns[1]):
                        chip(
                            "✓ well" if one.is_well else "✕ trouble",
                            "good" if one.is_well else "bad",
                        )
                    cell(columns[2], one.sentence, "prose")
                    cell(columns[3], moment(one.at_ms))


def _parts(view: SystemView) -> None:
    if not view.parts:
        return
    _, body = panel("Parts of the bot")
    with body, table(_PARTS, caption="Parts"):
        for one in view.parts:
            with Node("tr"):
                cell(_PARTS[0], one.name, "strong title")
                with cell(_PARTS[1]):
                    is_well = not one.is_late and not one.trouble
                    chip("✓ well" if is_well else "✕ late", "good" if is_well else "bad")
                cell(_PARTS[2], DASH if one.age_s is None else f"{one.age_s:.1f} s")
                restarts = f" {counted(one.restarts, 'restart')}" if one.restarts else ""
                cell(_PARTS[3], f"{one.trouble}{restarts}".strip())


def _outbox(view: SystemView) -> None:
    _, body = panel("What waits to be told")
    with body:
        if not view.lanes and not view.troubled:
            blank("Everything is told", "Messages that wait for a chat appear here.", "system")
            return
        text_rows(
            (Column("Chat"), Column("Waiting", "num"), Column("Since", "num"), Column("Trouble")),
            [
                (
                    f"{one.channel} {one.address}",
                    str(one.waiting),
                    moment_us(one.oldest_us),
                    one.last_error or "",
                )
                for one in view.lanes
            ],
            caption="Chats",
        )
        text_rows(
            (Column("Message"), Column("State"), Column("Tries", "num"), Column("Why")),
            [
                (
                    one.key,
                    one.state + (", may have arrived twice" if one.is_ambiguous else ""),
                    str(one.attempts),
                    one.last_error or "",
                )
                for one in view.troubled
            ],
            caption="Messages in trouble",
        )
