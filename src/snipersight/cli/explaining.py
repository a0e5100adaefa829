"""What `snipersight explain` does once its words are understood."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snipersight.bootstrap.to_end import run_to_end
from snipersight.cli.arguments import require_symbol
from snipersight.cli.exits import ExitCode
from snipersight.cli.opening import ScanOptions, open_for
from snipersight.domain.units import Symbol

if TYPE_CHECKING:
    from snipersight.bootstrap.session import Session
    from snipersight.engine.explain import Explanation


def perform_explain(symbol: str, options: ScanOptions, *, as_json: bool) -> ExitCode:
    """Explain one symbol on stdout.

    Args:
        symbol: the symbol as written.
        options: source, profile, time and account.
        as_json: print one JSON object instead of text.

    Returns:
        0; 4 where the account's ledger cannot be used, so that nothing could be approved.
    """
    wanted = require_symbol(symbol)
    session = open_for(options, is_preview=True)
    explanation = run_to_end(_explain(session, wanted))
    if as_json:
        from snipersight.cli.explanation_json import explanation_json

        values = explanation_json(explanation, session.request.profile)
        print(json.dumps(values, indent=2, ensure_ascii=False))
    else:
        from snipersight.cli.console import output
        from snipersight.cli.explanation_text import print_explanation

        print_explanation(explanation, _heading(session, explanation), output())
    return ExitCode.NO_STORE if session.books is None else ExitCode.OK


async def _explain(session: Session, symbol: Symbol) -> Explanation:
    from snipersight.engine.explain import explain_symbol

    try:
        return await explain_symbol(
            session.request,
            symbol,
            source=session.source,
            gate=session.gate,
            account=session.account,
            sink=session.sink,
        )
    finally:
        await session.close()


def _heading(session: Session, explanation: Explanation) -> str:
    from snipersight.domain.wording import minute_of

    frames = session.request.profile.timeframes
    return " · ".join(
        (
            session.source.venue,
            f"as of {minute_of(explanation.as_of_ms)} UTC",
            f"profile {session.request.profile.name} ({frames.bias}/{frames.zone}/{frames.trigger})",
        )
    )
