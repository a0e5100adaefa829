"""The loop lives through everything outside it, and confirms only what was answered."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from snipersight.bot.operator.freshness import Freshness
from snipersight.bot.operator.hearing import Urgency
from snipersight.bot.operator.operator import Operator
from snipersight.bot.operator.talk import PollTrouble
from snipersight.bot.operator.updates import ButtonPress, Place, Said, Sender, Unread
from snipersight.domain.errors import StateUnavailable
from snipersight.domain.people import Roster
from tests.fakes.scripted_talk import Polled, RecordingHealth, ScriptedTalk, until

ROSTER = Roster.of(admins=["7"], viewers=["8"])


class Heard:
    """A conversation that only listens; `fails` breaks it for one text."""

    def __init__(self, *, fails: str = "") -> None:
        self.bot_name = ""
        self.texts: list[str] = []
        self.fails = fails
        self.gate: dict[str, asyncio.Event] = {}

    def urgency_of(self, update: Said | ButtonPress) -> Urgency:
        looks = isinstance(update, Said) and update.text.startswith("look")
        return Urgency.LOOKS if looks else Urgency.ACTS

    async def hear(self, said: Said, is_fresh: Callable[[int | None], bool]) -> None:
        await asyncio.sleep(0)
        if said.text in self.gate:
            await self.gate[said.text].wait()
        if said.text == self.fails:
            raise ZeroDivisionError("a bug")
        self.texts.append(said.text)

    async def press(self, press: ButtonPress, is_fresh: Callable[[int | None], bool]) -> None:
        self.texts.append(press.data)


class Lease:
    """A lease that is held as a test says."""

    def __init__(self, held: Sequence[bool | Exception] = ()) -> None:
        self.held = list(held)
        self.is_given_back = False

    def keep(self) -> bool:
        now = self.held.pop(0) if self.held else True
        if isinstance(now, Exception):
            raise now
        return now

    def give_back(self) -> None:
        self.is_given_back = True


class NoMemory:
    """Knows nothing of former lives."""

    def load_s(self) -> int | None:
        return None

    def save_s(self, at_s: int) -> None:
        pass


def said(update_id: int, text: str, user_id: str = "7") -> Said:
    return Said(
        update_id=update_id,
        sender=Sender(user_id=user_id, name="Ann"),
        place=Place(address=user_id, is_private=True),
        message_id="1",
        at_s=0,
        text=text,
        is_own=True,
    )


class Scene:
    """A loop that runs until everything that was scripted has been served."""

    def __init__(
        self,
        polls: Sequence[Polled] = (),
        *,
        heard: Heard | None = None,
        lease: Lease | None = None,
        first_pause_s: float = 0.001,
        is_endless: bool = False,
    ) -> None:
        self.stop = asyncio.Event()
        on_idle = (lambda: None) if is_endless else self.stop.set
        self.talk = ScriptedTalk(polls, on_idle=on_idle)
        self.heard = heard or Heard()
        self.lease = lease or Lease()
        self.health = RecordingHealth()
        self.operator = Operator(
            talk=self.talk,
            conversation=self.heard,  # type: ignore[arg-type]  # listens, and answers nothing
            freshness=Freshness(NoMemory(), now_s=lambda: 0.0),
            lease=self.lease,
            roster=ROSTER,
            health=self.health,
            now_s=lambda: 0.0,
            first_pause_s=first_pause_s,
            idle_s=0.001,
        )

    async def run(self) -> None:
        async with asyncio.timeout(10):
            await self.operator.run(self.stop)


async def test_everything_is_answered_confirmed_and_closed():
    scene = Scene([(said(3, "a"), Unread(update_id=4)), (said(5, "b"),)])
    await scene.run()
    assert scene.heard.texts == ["a", "b"]
    assert scene.heard.bot_name == "our_bot"
    # Nothing is waited for at first; the last request confirms what was answered last.
    assert scene.talk.asked == [(0, 0), (5, 8), (6, 8), (6, 0)]
    assert scene.talk.is_closed
    assert scene.lease.is_given_back


async def test_each_person_is_answered_in_the_order_they_spoke():
    updates = tuple(said(number, f"{number}", user_id=str(7 + number % 2)) for number in range(8))
    scene = Scene([updates])
    await scene.run()
    assert sorted(scene.heard.texts) == [f"{number}" for number in range(8)]
    for person in (0, 1):
        texts = [text for text in scene.heard.texts if int(text) % 2 == person]
        assert texts == sorted(texts)


async def test_an_update_that_is_told_again_is_not_answered_again():
    scene = Scene([(said(3, "a"),), (said(3, "a"), said(4, "b"))])
    await scene.run()
    assert scene.heard.texts == ["a", "b"]


async def test_a_bug_in_one_answer_ends_nothing_and_is_said():
    scene = Scene([(said(3, "bad"), said(4, "b")), (said(5, "c"),)], heard=Heard(fails="bad"))
    await scene.run()
    assert scene.heard.texts == ["b", "c"]
    (told,) = scene.talk.tried
    assert "Something went wrong" in told.text.text
    assert (6, 8) in scene.talk.asked


async def test_a_bug_tells_a_stranger_nothing():
    scene = Scene([(said(3, "bad", user_id="9"),)], heard=Heard(fails="bad"))
    await scene.run()
    assert scene.talk.tried == []


async def test_trouble_is_said_once_waited_for_and_over():
    away = PollTrouble(sentence="Telegram does not answer")
    scene = Scene([away, away, away, (said(3, "a"),)])
    await scene.run()
    assert scene.health.troubles == ["Telegram does not answer"]
    assert scene.health.is_well
    # After trouble all that was left behind is had before anything is waited for.
    assert scene.talk.asked[:5] == [(0, 0), (0, 0), (0, 0), (0, 0), (4, 8)]


async def test_pauses_grow_up_to_a_minute():
    operator = Scene(first_pause_s=1.0).operator
    pauses = [operator._failed("away") for _ in range(8)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    ("trouble", "pause_s"),
    [
        (PollTrouble(sentence="no such bot", is_lasting=True), 300),
        (PollTrouble(sentence="patience", after_s=17.0), 17.0),
    ],
)
async def test_some_trouble_says_how_long_to_wait(trouble, pause_s):
    assert Scene().operator._troubled(trouble) == pause_s


async def test_it_stops_at_once_in_the_middle_of_a_pause_and_of_a_poll():
    scene = Scene([PollTrouble(sentence="no such bot", is_lasting=True)])
    task = asyncio.create_task(scene.run())
    await until(lambda: bool(scene.health.troubles))
    scene.stop.set()
    async with asyncio.timeout(2):
        await task


async def test_while_another_process_reads_nothing_is_asked_for():
    scene = Scene([(said(3, "a"),)], lease=Lease([False, False]))
    await scene.run()
    assert scene.heard.texts == ["a"]
    assert scene.health.troubles == []


async def test_whoever_loses_the_lease_begins_anew():
    scene = Scene([(said(3, "a"),), (said(4, "b"),)], lease=Lease([True, False]))
    await scene.run()
    assert [offset for offset, _ in scene.talk.asked][:2] == [0, 0]


async def test_a_store_that_is_away_is_trouble_and_no_end():
    away = StateUnavailable("the database is locked")
    scene = Scene([(said(3, "a"),)], lease=Lease([away]))
    await scene.run()
    assert scene.health.troubles == ["the database is locked"]
    assert scene.heard.texts == ["a"]


async def test_everybody_on_the_roster_gets_a_menu_of_their_own():
    scene = Scene()
    await scene.run()
    assert "kill" in scene.talk.menus["7"]
    assert "kill" not in scene.talk.menus["8"]


async def test_a_bot_that_cannot_be_named_is_trouble():
    scene = Scene()
    scene.talk.name = PollTrouble(sentence="Telegram does not answer")
    task = asyncio.create_task(scene.run())
    await until(lambda: bool(scene.health.troubles))
    assert scene.talk.asked == []
    scene.talk.name = "our_bot"
    await task


def a_slow_scene(*polls: Polled, slow: str) -> Scene:
    """Return a loop that does not stop by itself, and in which one answer takes its time."""
    scene = Scene(polls, is_endless=True)
    scene.heard.gate[slow] = asyncio.Event()
    return scene


async def test_an_answer_that_waits_keeps_nobody_else_waiting_and_is_confirmed_when_it_is_given():
    scene = a_slow_scene(
        (said(3, "look", "8"),), (said(3, "look", "8"), said(4, "stop")), slow="look"
    )
    running = asyncio.create_task(scene.run())
    await until(lambda: scene.heard.texts == ["stop"])
    await until(lambda: len(scene.talk.asked) >= 3)
    assert {offset for offset, _ in scene.talk.asked[1:]} == {3}
    scene.heard.gate["look"].set()
    await until(lambda: scene.talk.asked[-1][0] == 5)
    assert scene.heard.texts == ["stop", "look"]
    scene.stop.set()
    await running


async def test_what_a_person_has_done_waits_for_no_look_of_theirs():
    scene = a_slow_scene((said(3, "look"), said(4, "pause"), said(5, "look again")), slow="look")
    running = asyncio.create_task(scene.run())
    await until(lambda: scene.heard.texts == ["pause"])
    scene.heard.gate["look"].set()
    await until(lambda: scene.heard.texts == ["pause", "look", "look again"])
    scene.stop.set()
    await running


async def test_a_look_shows_what_came_of_what_was_said_before_it():
    scene = a_slow_scene((said(3, "pause"), said(4, "look")), slow="pause")
    running = asyncio.create_task(scene.run())
    await until(lambda: len(scene.talk.asked) >= 2)
    assert scene.heard.texts == []
    scene.heard.gate["pause"].set()
    await until(lambda: scene.heard.texts == ["pause", "look"])
    scene.stop.set()
    await running


async def test_what_is_not_answered_at_the_end_is_not_confirmed(monkeypatch):
    monkeypatch.setattr("snipersight.bot.operator.operator._LAST_ANSWERS_S", 0.01)
    scene = a_slow_scene((said(3, "a", "8"), said(4, "slow"), said(5, "b", "8")), slow="slow")
    running = asyncio.create_task(scene.run())
    await until(lambda: scene.heard.texts == ["a", "b"])
    scene.stop.set()
    await running
    assert scene.talk.asked[-1] == (4, 0)
