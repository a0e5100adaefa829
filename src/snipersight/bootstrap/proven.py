"""Whether a profile may trade real money: a backtest showed its edge, or a person says so by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from snipersight.domain.audit import AuditDraft, AuditKind
from snipersight.domain.errors import ConfigInvalid, StateUnavailable
from snipersight.domain.execution import Mode

if TYPE_CHECKING:
    from snipersight.domain.profile import Profile
    from snipersight.domain.store import UnitOfWork
    from snipersight.risk.registry import RiskPorts
    from snipersight.storage.kept_runs import KeptRun

COMMAND: Final = "trade_unproven"
_SOURCE: Final = "smc"  # of plans: what comparisons showed says nothing about the profile


def permit_profile(
    profile: Profile,
    *,
    mode: Mode,
    unproven: str | None,
    folder: Path,
    ports: RiskPorts | None,
) -> None:
    """Refuse real orders of a profile without a shown edge, unless it is named; record that.

    Args:
        profile: whose plans are to be executed, as its values are now.
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
    if proof_of(profile, folder) is None:
        _require_named(profile, unproven)
        _record(profile, ports)


def proof_of(profile: Profile, folder: Path) -> KeptRun | None:
    """Return the newest backtest that shows an edge of a profile as it is now; None without any.

    Args:
        profile: one other value is another profile.
        folder: of the backtests that are kept.

    Raises:
        StateUnavailable: one of them cannot be read.
    """
    from snipersight.performance.verdict import Finding
    from snipersight.storage.kept_runs import RunFolder

    shown = [
        run
        for run in RunFolder(folder).all()
        if run.finding is Finding.EDGE_SHOWN
        and run.profile_hash == profile.content_hash
        and run.source == _SOURCE
    ]
    return shown[-1] if shown else None


def _require_nothing_named(unproven: str | None, mode: Mode) -> None:
    if unproven is not None:
        raise ConfigInvalid(
            f"--unproven {unproven} is for real orders, and this is {mode.value}",
            where="--unproven",
            next_step="add --mode live, or leave --unproven out",
        )


def _require_named(profile: Profile, unproven: str | None) -> None:
    if unproven is None:
        raise ConfigInvalid(
            f"no backtest has shown an edge of {profile.name} as it is now",
            where=f"profile {profile.name}",
            next_step=f"`snipersight backtest --profile {profile.name} --data DIR` looks for one; "
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
