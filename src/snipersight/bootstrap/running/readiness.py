"""What the venue's preflight says of new entries: trades that are open are looked after anyway."""

from __future__ import annotations

import asyncio
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from snipersight.bootstrap.executing import Executed, require_ready
from snipersight.bootstrap.operating.trading import ExecutionTrading
from snipersight.bootstrap.running.supervising import Pauses, pause
from snipersight.bot.telemetry.logging import log_structured
from snipersight.domain.decision import Check
from snipersight.domain.errors import LeaseLost, SniperSightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from snipersight.bootstrap.execution import Execution
    from snipersight.domain.observations import Observations
    from snipersight.domain.plan import TradePlan

CODE: Final = "venue_not_ready"
# What people approved while nobody executed is taken up the moment somebody does: it is not refused
# for answers that come a second later.
_AWAITED_S: Final = 10.0


class Readiness:
    """Whether new entries may be sent, as the venue answered last.

    Args:
        say: told what is odd, what keeps entries back, and that nothing does any more.
        trouble: told what keeps entries back; None once nothing does.
    """

    def __init__(
        self, *, say: Callable[[str], object], trouble: Callable[[str | None], object]
    ) -> None:
        self._say: Final = say
        self._trouble: Final = trouble
        self._problem: str | None = None
        self._is_told = False
        self._answered: Final = asyncio.Event()
        self._answered.set()

    @property
    def check(self) -> Check | None:
        """Return what refuses a new entry; None: nothing here does."""
        if self._problem is None:
            return None
        sentence = f"the venue is not as it must be for new entries: {self._problem}"
        return Check(CODE, False, sentence=sentence)

    def doubt(self) -> None:
        """Keep entries back until the venue has answered; nobody is told of that moment."""
        self._problem = "its answers are awaited"
        self._answered.clear()

    async def answered(self) -> None:
        """Wait for the venue's answers where it was asked, but not for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), _AWAITED_S)

    async def require(self, execution: Execution) -> None:
        """Ask the venue, and say what is odd.

        Raises:
            ConfigInvalid: something does not hold.
            VenueStopped: the venue refuses us as a whole.
            VenueUnavailable: the venue does not answer.
        """
        for finding in await require_ready(execution, ()):
            self._say(f"warning: {finding.name}: {finding.sentence}")

    async def learn(self, execution: Execution) -> bool:
        """Ask the venue, and keep entries back where it is not ready; return whether it is.

        Raises:
            LeaseLost: another executor has taken over.
        """
        problem = await self._problem_of(execution)
        self._answered.set()
        if problem:
            self._keep_back(problem)
            return False
        if self._is_told:
            self._say("The venue is ready again: new entries may be sent.")
        self._problem, self._is_told = None, False
        self._trouble(None)
        return True

    async def learn_on(self, execution: Execution, *, stop: asyncio.Event) -> None:
        """Ask, and after growing pauses again, until the venue is ready or it is stopped."""
        pauses = Pauses()
        while self._problem is not None and not stop.is_set():
            if not await self.learn(execution):
                await pause(pauses.next_s(), stop=stop)

    async def _problem_of(self, execution: Execution) -> str:
        """Return why the venue is not ready; empty where it is."""
        try:
            await self.require(execution)
        except LeaseLost:
            raise
        except SniperSightError as error:
            return str(error)
        except Exception as bug:  # noqa: BLE001  open trades must not lose their executor to it
            trace = "".join(traceback.format_exception(bug))
            log_structured(f"preflight: {bug!r}", level="ERROR", stage="run", trace=trace)
            return f"the program cannot read its answers ({type(bug).__name__}), see the log"
        return ""

    def _keep_back(self, problem: str) -> None:
        if problem != self._problem:
            self._say(f"warning: no new entry is sent, open trades are looked after: {problem}")
        self._problem, self._is_told = problem, True
        self._trouble(f"no new entry is sent: {problem}")


class ReadyTrading(ExecutionTrading):
    """Trades as `ExecutionTrading` does, but enters nothing at a venue that is not ready.

    Args:
        readiness: of the venue.
        arguments, named: of `ExecutionTrading`.
    """

    def __init__(self, *arguments: Any, readiness: Readiness, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._readiness: Final = readiness

    async def execute(self, plan: TradePlan, seen: Observations) -> Executed:
        """Put a plan on, see `ExecutionTrading`; or return why the venue is not ready for it."""
        if self.is_here:
            await self._readiness.answered()
        check = self._readiness.check
        if check is not None and self.is_here:
            return Executed(plan=plan, refused=(check,))
        return await super().execute(plan, seen)
