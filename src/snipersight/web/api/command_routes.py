"""Commands: what a person may tell the bot to do from here; never to resume, re-arm or go live."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from snipersight.bootstrap.access.commanding import Wish
from snipersight.domain.access import Caller, Scope
from snipersight.domain.commands import CommandKind
from snipersight.web.api.answering import answer, router
from snipersight.web.api.system_models import CommandAnswerModel
from snipersight.web.security.scopes import require

if TYPE_CHECKING:
    from snipersight.bootstrap.access.commanding import DashboardCommands

Trader = Annotated[Caller, Depends(require(Scope.TRADE))]
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
_NUMBER = r"^[0-9]{0,20}(\.[0-9]{1,20})?$"


class Order(BaseModel):
    """What is to be done."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["pause", "kill", "approve", "reject", "took", "cancel"]
    plan_id: str = Field(
        default="",
        max_length=128,
        pattern=r"^[A-Za-z0-9_.:-]*$",
        description="Which plan; empty for `pause` and `kill`.",
    )
    account: str = Field(default="", max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")
    key: str = Field(
        default="",
        max_length=64,
        pattern=r"^[A-Za-z0-9_.:-]*$",
        description="The same for the same wish: said twice, it is done once.",
    )
    reason: str = Field(default="", max_length=200, pattern=_PRINTABLE)
    flatten: bool = Field(default=False, description="`kill` closes every position as well.")
    size: str = Field(default="", max_length=41, pattern=_NUMBER, description="Of `took`.")
    price: str = Field(default="", max_length=41, pattern=_NUMBER, description="Of `took`.")


def command_routes(commands: DashboardCommands) -> APIRouter:
    """Return the routes that tell the bot what to do.

    Args:
        commands: takes what is wanted, checks it again, and answers.
    """
    routes = router("commands")

    @routes.post(
        "/commands", response_model=CommandAnswerModel, summary="Pause, kill, decide, cancel"
    )
    async def command(caller: Trader, order: Order) -> Response:
        wish = Wish(
            kind=CommandKind(order.kind),
            subject=order.plan_id,
            account=order.account,
            key=order.key,
            reason=order.reason,
            flatten=order.flatten,
            size=order.size,
            price=order.price,
        )
        told = await commands.give(caller, wish)
        return answer(
            CommandAnswerModel,
            {
                "kind": told.command.kind,
                "plan_id": told.command.subject,
                "account": told.command.account_id,
                "state": told.state,
                "sentence": told.sentence,
                "is_first": told.is_first,
            },
        )

    return routes
