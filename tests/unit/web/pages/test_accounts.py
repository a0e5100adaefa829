"""Links stay with the account a page was opened for, and a stop of every account reaches each."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from snipersight.bootstrap.access.commanding import Wish
from snipersight.domain.commands import CommandKind, CommandState
from snipersight.domain.errors import StateUnavailable
from snipersight.web.pages.kit import Node, keep_account, link, with_account
from snipersight.web.pages.saying import Saying
from snipersight.web.pages.visit import Visit


@pytest.mark.parametrize(
    ("target", "whole"),
    [
        ("/", "/?account=practice"),
        ("/audit?from=3", "/audit?from=3&account=practice"),
        ("/signals/a?account=main", "/signals/a?account=main"),
        ("#contents", "#contents"),
        ("/logout", "/logout"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_a_link_to_a_page_of_ours_leads_to_the_same_account(target, whole):
    assert with_account(target, "practice") == whole
    assert with_account(target, "") == target


async def test_what_is_drawn_on_a_page_of_an_account_leads_there(draw_here):
    draw_here()
    before = link("Book", "/book")
    keep_account("a&b")
    after = link("Book", "/book")
    older = Node("a").put(href="/?after=x")
    assert [one.props["href"] for one in (before, after, older)] == [
        "/book",
        "/book?account=a%26b",
        "/?after=x&account=a%26b",
    ]


class Desk:
    """Commands that note what is said; one account's store is away."""

    def __init__(self) -> None:
        self.said: list[tuple[str, bool]] = []

    async def give(self, _caller: object, wish: Wish) -> Any:
        """Note it, and answer."""
        if wish.account == "broken":
            raise StateUnavailable("the store is away")
        self.said.append((wish.account, wish.flatten))
        return SimpleNamespace(sentence="done", state=CommandState.DONE)


def a_saying(accounts: Any) -> tuple[Saying, Desk, list[str]]:
    desk, toasts = Desk(), list[str]()
    visit = SimpleNamespace(
        account="main",
        caller=None,
        reader=SimpleNamespace(accounts=accounts),
        services=SimpleNamespace(commands=desk),
        toast=lambda text, _tone="": toasts.append(text),
    )
    return Saying(cast("Visit", visit)), desk, toasts


async def test_an_account_that_cannot_be_stopped_keeps_no_other_from_it():
    saying, desk, toasts = a_saying(lambda: ("main", "broken", "practice"))
    await saying.say_to_every(Wish(kind=CommandKind.KILL, flatten=True))
    assert sorted(desk.said) == [("main", True), ("practice", True)]
    assert any(one.startswith("broken: Nothing was done") for one in toasts)
    assert len(toasts) == 3


async def test_a_stop_of_every_account_needs_no_list_that_is_new():
    def away() -> tuple[str, ...]:
        raise StateUnavailable("the store is away")

    saying, desk, _ = a_saying(away)
    saying.accounts = ("main", "practice")
    await saying.say_to_every(Wish(kind=CommandKind.PAUSE))
    assert sorted(desk.said) == [("main", False), ("practice", False)]
