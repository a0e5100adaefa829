"""What a scan does, in order, and the one driver that takes a context through it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final

from snipersight.domain.hooks import Hooks
from snipersight.engine.context import Ports, ScanContext
from snipersight.engine.hook_events import after_stage, before_stage
from snipersight.engine.judging_stage import follow_plans, judge_plans
from snipersight.engine.observing_stage import observe_markets
from snipersight.engine.reading_stage import read_symbols
from snipersight.engine.stage_log import log_stage
from snipersight.engine.universe_stage import read_leader, select_symbols

Stage = Callable[[ScanContext, Ports], Awaitable[ScanContext]]
Stages = tuple[tuple[str, Stage], ...]


def stages_reading(
    *, universe: Stage, leader: Stage, reading: Stage, observing: Stage = observe_markets
) -> Stages:
    """Return the whole of a scan, in order; every stage takes the context and returns a richer one.

    Args:
        universe: chooses the markets that are looked at.
        leader: reads the market that leads all others.
        reading: reads every chosen market and lets its closes decide.
        observing: tells the gate what is known of the markets.
    """
    return (
        ("universe", universe),
        ("leader", leader),
        ("reading", reading),
        ("following", follow_plans),
        ("observing", observing),
        ("judging", judge_plans),
    )


STAGES: Final = stages_reading(universe=select_symbols, leader=read_leader, reading=read_symbols)
"""The stages of a scan that reads everything anew."""


async def run_stages(
    context: ScanContext, ports: Ports, stages: Stages, *, hooks: Hooks
) -> ScanContext:
    """Return the context after every stage; each is logged, and told before and after.

    Args:
        context: that has not looked at anything yet.
        ports: the outside.
        stages: in order, each with its name.
        hooks: told of every stage.
    """
    for name, stage in stages:
        ports.progress(name, 0, 0)
        hooks.tell(before_stage(name, context))
        began_s = time.perf_counter()
        context = await stage(context, ports)
        log_stage(name, context, seconds=time.perf_counter() - began_s)
        hooks.tell(after_stage(name, context))
    return context
