"""Whether a profile may trade real money: a backtest showed its edge, or a person says so by name.

A proof is a kept backtest of the very values, on the venue and kind of market that are traded, made
by the present code and compared with random entries often enough. Whatever is said of them later
counts: an edge that a newer backtest does not find is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode
from snipersight.domain.wording import counted
from snipersight.performance.verdict import Finding

if TYPE_CHECKING:
    from snipersight.domain.profile import Profile
    from snipersight.domain.store import UnitOfWork
    from snipersight.risk.registry import RiskPorts
    from snipersight.storage.kept_runs import KeptRun

COMMAND: Final = "trade_unproven"
LEAST_RANDOM_RUNS: Final = 1_000
_SOURCE: Final = "smc"  # of plans: what comparisons showed says nothing about the profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """Where real orders are to go.

    Args:
        venue: short name, as in plans.
        symbols: that are known to be traded; none where they are chosen later.
    """

    venue: str
    symbols: tuple[str, ...] = ()


def permit_profile(
    profile: Profile,
    *,
    traded: Traded,
    mode: Mode,
    unproven: str | None,
    folder: Path,
    ports: RiskPorts | None,
) -> None:
    """Refuse real orders of a profile without a shown edge, unless it is named; record that.

    Args:
        profile: whose plans are to be executed, as its values are now.
        traded: where.
        mode: how far orders go; only live asks for a proof.
        unproven: the profile that may trade without one.
        folder: of the backtests that are kept.
        ports: of the account, whose audit tells of an override; None: its store cannot be used.

    Raises:
        ConfigInvalid: nothing shows an edge of it and it is not named, or a name is a slip.
        StateUnavailable: backtests cannot be read, or an override cannot be recorded.
    """
    if mode is not Mode.LIVE:
        _require_nothing_named(unproven, mode)
        return
    if unproven is not None and unproven != profile.name:
        raise ConfigInvalid(
            f"{unproven!r} is not the profile whose plans are traded, {profile.name}",
            where="--unproven",
            next_step=f"name {profile.name}, or leave --unproven out",
        )
    lack = lack_of_proof(profile, folder, traded)
    if lack is not None:
        _require_named(profile, unproven, lack)
        _record(profile, ports)


def lack_of_proof(profile: Profile, folder: Path, traded: Traded) -> str | None:
    """Return why no backtest proves an edge of a profile as it is now; None where one does.

    The newest that proves or denies it decides. One with too little data does neither, nor does a
    run of a sweep that was not judged.

    Args:
        profile: one other value is another profile, another name is not.
        folder: of the backtests that are kept.
        traded: where its plans are to be executed.

    Raises:
        StateUnavailable: one of them cannot be read.
    """
    from snipersight.storage.kept_runs import RunFolder

    runs = [one for one in RunFolder(folder).all() if _is_about(one, profile, traded)]
    lacks = [_lack_of(one) for one in runs]
    deciding = [
        lack
        for one, lack in zip(runs, lacks, strict=True)
        if lack is None or one.finding is Finding.NOT_SHOWN
    ]
    if deciding:
        return deciding[-1]
    return lacks[-1] if lacks else f"no backtest has shown an edge of {profile.name} as it is now"


def _is_about(run: KeptRun, profile: Profile, traded: Traded) -> bool:
    """Return whether a run judged the profile where it is to be traded."""
    named = [one.partition(" ") for one in run.markets]
    kinds = {_is_perpetual(symbol) for _venue, _, symbol in named}
    return (
        run.source == _SOURCE
        and run.random_runs > 0
        and run.finding is not Finding.TOO_LITTLE_DATA
        and run.values_hash == profile.values_hash
        and {venue for venue, _, _symbol in named} == {traded.venue}
        and kinds >= {_is_perpetual(one) for one in traded.symbols}
    )


def _is_perpetual(symbol: str) -> bool:
    return ":" in symbol


def _lack_of(run: KeptRun) -> str | None:
    """Return why a run that judged a profile is no proof of its edge; None where it is one."""
    which = f"the backtest {run.run_id} of {run.profile}"
    if run.finding is not Finding.EDGE_SHOWN:
        return f"{which}, the newest to judge it, says: {run.sentence}"
    if run.random_runs < LEAST_RANDOM_RUNS:
        return (
            f"{which} showed an edge beside {counted(run.random_runs, 'run')} with random entries, "
            f"and real orders ask for {LEAST_RANDOM_RUNS:,}"
        )
    from snipersight.bootstrap.evidence.runs import (
        present_code,
    )  # compiles, so only where it matters

    if run.code_hash != present_code():
        return f"{which} showed an edge by other code than this version's"
    return None


def _require_nothing_named(unproven: str | None, mode: Mode) -> None:
    if unproven is not None:
        raise ConfigInvalid(
            f"--unproven {unproven} is for real orders, and this is {mode.value}",
            where="--unproven",
            next_step="add --mode live, or leave --unproven out",
        )


def _require_named(profile: Profile, unproven: str | None, lack: str) -> None:
    if unproven is None:
        raise ConfigInvalid(
            lack,
            where=f"profile {profile.name}",
            next_step=f"`snipersight backtest --profile {profile.name} --data DIR --random-runs "
            f"{LEAST_RANDOM_RUNS}` on candles of the market that is traded looks for an edge; "
            f"--unproven {profile.name} trades it all the same, and the audit says so",
        )


def _record(profile: Profile, ports: RiskPorts | None) -> None:
    if ports is None:
        raise StateUnavailable(
            "that an unproven profile trades cannot be recorded, so it does not",
            where=f"profile {profile.name}",
            next_step="`snipersight doctor` says what is wrong with the store",
        )
    at_us = ports.clock()

    def work(unit: UnitOfWork) -> None:
        unit.append(
            AuditDraft(
                kind=AuditKind.OPERATOR,
                subject=unit.account.account_id,
                actor="cli",
                at_us=at_us,
                body={
                    "command": COMMAND,
                    "reason": f"profile {profile.name} without a shown edge",
                    "profile": profile.name,
                    "profile_hash": profile.content_hash,
                },
            )
        )

    ports.store.transact(ports.account_id, work)
