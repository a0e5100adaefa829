"""Keeps an open page as new as the store: what changed is read again, and nothing else is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import Field, dataclass, field, replace
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

from nicegui import background_tasks

from snipersight.bootstrap.dashboard.views import Topic
from snipersight.domain.errors import SniperSightError, StateUnavailable
from snipersight.web.feed import Look
from snipersight.web.pages.kit import Node, now_ms
from snipersight.web.pages.states import failed, ghost, outdated

FIRST_S: Final = 0.8  # a page that takes longer to read is served without it and filled later


class View(Protocol):
    """A frozen dataclass that says when it was read."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def read_ms(self) -> int:
        """Return when, milliseconds UTC."""
        ...


_BROKEN: Final = StateUnavailable(
    "this part of the page cannot be read", next_step="the dashboard's log says why"
)
V = TypeVar("V", bound=View)


@dataclass(eq=False)
class Section(Generic[V]):
    """A part of a page that is read and drawn as one.

    Args:
        topics: what its figures depend on.
        read: asks the reader, in a thread.
        draw: draws a view into `box`, which is emptied before unless `keeps` is set.
        box: where.
        keeps: `draw` brings what it drew before up to date by itself.
    """

    topics: frozenset[Topic]
    read: Callable[[], Awaitable[V]]
    draw: Callable[[V], None]
    box: Node
    notice: Node
    keeps: bool = False
    shown: V | None = None
    read_ms: int = 0  # by our own clock, whatever time the account lives by
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def refresh(self, *, anew: bool = False) -> None:
        """Read, and draw if anything differs from what is shown.

        Args:
            anew: what is asked for has changed: an older answer is no substitute.
        """
        async with self._turn:
            try:
                view = await self.read()
            except SniperSightError as error:
                self._tell(error, is_lost=anew or self.shown is None)
                return
            except Exception:
                # Ours to mend: whoever looks is told so, and the log gets the rest.
                self._tell(_BROKEN, is_lost=False)
                raise
            if not self.box.is_deleted:
                self._show(view)

    def _show(self, view: V) -> None:
        if self.notice.default_slot.children:
            self.notice.clear()
        before, self.shown, self.read_ms = self.shown, view, now_ms()
        if before is not None and _same(before, view):
            return
        if not self.keeps or before is None:
            self.box.clear()
        with self.box:
            self.draw(view)

    def _tell(self, error: SniperSightError, *, is_lost: bool) -> None:
        if self.box.is_deleted:
            return
        if is_lost or self.shown is None:
            self.shown = None
            self.box.clear()
            with self.box:
                failed(error)
        elif not self.notice.default_slot.children:
            with self.notice:
                outdated(error, self.read_ms)


def _same(before: V, after: V) -> bool:
    """Return whether two views differ in nothing but when they were read."""
    return bool(replace(before, read_ms=after.read_ms) == after)


class Page:
    """The sections of one open page."""

    def __init__(self) -> None:
        self._sections: list[Section[Any]] = []

    def section(
        self,
        topics: set[Topic],
        read: Callable[[], Awaitable[V]],
        draw: Callable[[V], None],
        *,
        classes: str = "",
        keeps: bool = False,
    ) -> Section[V]:
        """Make room for a section here and remember it; see `Section`."""
        with Node("div", classes="section"):
            notice, box = Node("div"), Node("div", classes=classes)
        with box:
            ghost()
        made = Section(frozenset(topics), read, draw, box, notice, keeps)
        self._sections.append(made)
        return made

    async def first(self) -> None:
        """Read everything, for a moment; what takes longer arrives when it is there."""
        await asyncio.wait(
            [background_tasks.create(one.refresh()) for one in self._sections] or [_nothing()],
            timeout=FIRST_S,
        )

    def looked(self, look: Look) -> None:
        """Read what depends on what changed again, everything else not."""
        for one in self._sections:
            if one.topics & look.outdated or one.notice.default_slot.children or one.shown is None:
                background_tasks.create_lazy(one.refresh(), name=f"section {id(one)}")


def _nothing() -> asyncio.Task[None]:
    return background_tasks.create(asyncio.sleep(0))
