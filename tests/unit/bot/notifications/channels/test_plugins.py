import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from snipersight.bot.notifications.channels.plugins import LoadedPlugins, load_plugins
from snipersight.domain.channels import Delivered, Rendered, TryAgain
from snipersight.domain.errors import DataInvalid

PAGER = """
import asyncio
from snipersight.domain.channels import Delivered, Moved, Stopped, TryAgain

VALUES = {"float": 1.5, "bytes": b"a", "half": "\\ud800", "wide": 2**80, "key": {1: "a"}}
RAISED = {
    "cancel": asyncio.CancelledError(),
    "exit": SystemExit(9),
    "half": RuntimeError("\\ud800"),
}
OUTCOMES = {
    "id": Delivered(message_id=123),
    "nul": Delivered(message_id="a\\0b"),
    "none": TryAgain(error=None),
    "text": TryAgain(error="x", after_s="5"),
    "nan": TryAgain(error="x", after_s=float("nan")),
    "inf": TryAgain(error="x", after_s=float("inf")),
    "before": TryAgain(error="x", after_s=-1),
    "claim": TryAgain(error="x", is_ambiguous="no"),
    "number": Moved(address=5),
    "letter": Stopped(error="\\ud800", is_whole_channel=True),
}

class Pager:
    name = "pager"
    def prepare(self, message):
        if message.title == "broken":
            raise ValueError("no such page")
        if message.title == "leaving":
            raise SystemExit(3)
        if message.title in VALUES:
            return ({"text": VALUES[message.title]},)
        return "text" if message.title == "strange" else ({"text": message.markdown},)
    async def send(self, address, body, *, key, reply_to=""):
        if body["text"] == "raise":
            raise RuntimeError("line is busy")
        if body["text"] in RAISED:
            raise RAISED[body["text"]]
        if body["text"] in OUTCOMES:
            return OUTCOMES[body["text"]]
        return True if body["text"] == "strange" else Delivered(message_id=address)
    async def close(self):
        raise OSError("already hung up")

class Posing(Pager):
    name = "telegram"

def half():
    class Half:
        name = "half"
        def prepare(self, message):
            return ()
    return Half()

def nameless():
    nameless = Pager()
    nameless.name = None
    return nameless

def failing():
    raise RuntimeError("no licence")
"""


def install(folder: Path, package: str, points: dict[str, str], code: str = PAGER) -> None:
    """Put a package into a folder as an installer does: module and metadata."""
    (folder / f"{package}.py").write_text(code)
    info = folder / f"{package}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = [f"{name} = {value}" for name, value in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[snipersight.notifiers]", *lines]))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that packages are found in, and whose modules are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("pager_"):
            del sys.modules[name]


def only_problem(loaded: LoadedPlugins) -> str:
    assert loaded.notifiers == {}
    (problem,) = loaded.problems
    return problem


async def test_a_plug_in_that_is_named_carries_messages(site: Path) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    loaded = load_plugins(["pager", "pager"])
    assert loaded.problems == ()
    notifier = loaded.notifiers["pager"]
    (body,) = notifier.prepare(Rendered(title="t", markdown="hello"))
    assert await notifier.send("desk", body, key="k") == Delivered(message_id="desk")


def test_a_plug_in_that_is_not_named_is_not_even_imported(site: Path) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"}, code="raise SystemExit(3)")
    assert load_plugins([]) == LoadedPlugins(notifiers={})
    assert "pager_one" not in sys.modules


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("pager_one:failing", "cannot be loaded: RuntimeError: no licence"),
        ("pager_one:gone", "cannot be loaded: AttributeError"),
        ("pager_none:Pager", "cannot be loaded: ModuleNotFoundError"),
        ("pager_one:half", "is no notifier: it lacks send, close"),
        ("pager_one:nameless", "calls its channel None and not as it is called"),
        ("pager_one:Posing", "calls its channel 'telegram' and not as it is called"),
    ],
)
def test_a_broken_plug_in_is_reported_and_the_others_work(
    site: Path, target: str, problem: str
) -> None:
    install(site, "pager_one", {"bad": target, "pager": "pager_one:Pager"})
    loaded = load_plugins(["bad", "pager"])
    assert list(loaded.notifiers) == ["pager"]
    assert problem in loaded.problems[0]
    assert "'bad'" in loaded.problems[0]


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "1/0", "import pager_nothing"])
def test_a_plug_in_that_fails_at_import_ends_nothing(site: Path, code: str) -> None:
    install(site, "pager_two", {"pager": "pager_two:Pager"}, code=code)
    assert "of pager_two cannot be loaded" in only_problem(load_plugins(["pager"]))


def test_a_plug_in_that_is_not_installed_is_reported_with_those_that_are(site: Path) -> None:
    assert "installed are: none" in only_problem(load_plugins(["pager"]))
    install(site, "pager_one", {"beeper": "pager_one:Pager"})
    assert "installed are: beeper" in only_problem(load_plugins(["pager"]))


def test_a_name_that_two_packages_offer_is_nobody_s(site: Path) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    install(site, "pager_two", {"pager": "pager_two:Pager"})
    problem = only_problem(load_plugins(["pager"]))
    assert "several packages, pager_one, pager_two" in problem


@pytest.mark.parametrize(
    "name", ["telegram", "webhook", "apprise", "PAGER", "pager 1", "p" * 17, ""]
)
def test_a_plug_in_takes_no_name_of_ours_and_no_strange_one(site: Path, name: str) -> None:
    install(site, "pager_one", {name: "pager_one:Posing"})
    assert "cannot be a plug-in's" in only_problem(load_plugins([name]))
    assert "pager_one" not in sys.modules


async def test_what_a_plug_in_raises_while_sending_means_try_again(site: Path) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    notifier = load_plugins(["pager"]).notifiers["pager"]
    raised = await notifier.send("desk", {"text": "raise"}, key="k")
    strange = await notifier.send("desk", {"text": "strange"}, key="k")
    assert raised == TryAgain(error="pager: RuntimeError: line is busy", is_ambiguous=True)
    assert strange == TryAgain(error="pager returned bool, no outcome", is_ambiguous=True)
    assert repr(notifier) == "ContainedNotifier('pager')"


async def test_what_a_plug_in_raises_elsewhere_is_an_error_of_ours(site: Path) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    notifier = load_plugins(["pager"]).notifiers["pager"]
    for title, words in (("broken", "no such page"), ("strange", "is no message")):
        with pytest.raises(DataInvalid, match=words):
            notifier.prepare(Rendered(title=title, markdown=""))
    with pytest.raises(DataInvalid, match="already hung up"):
        await notifier.close()


@pytest.mark.parametrize("title", ["float", "bytes", "half", "wide", "key", "leaving"])
def test_what_no_store_takes_is_refused_before_all_channels_lose_their_message(
    site: Path, title: str
) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    notifier = load_plugins(["pager"]).notifiers["pager"]
    with pytest.raises(DataInvalid, match="notifier pager"):
        notifier.prepare(Rendered(title=title, markdown=""))


@pytest.mark.parametrize(
    "text",
    [
        *("id", "nul", "none", "text", "nan", "inf", "before", "claim", "number", "letter"),
        *("cancel", "exit", "half"),
    ],
)
async def test_an_outcome_that_cannot_be_recorded_takes_no_sender_down(
    site: Path, text: str
) -> None:
    install(site, "pager_one", {"pager": "pager_one:Pager"})
    notifier = load_plugins(["pager"]).notifiers["pager"]
    outcome = await notifier.send("desk", {"text": text}, key="k")
    assert isinstance(outcome, TryAgain)
    assert outcome.is_ambiguous is True
    assert outcome.error.startswith("pager")
    assert outcome.error.encode()
    assert outcome.after_s is None


async def test_a_send_that_is_no_longer_waited_for_ends(site: Path) -> None:
    slow = PAGER.replace("if body", "await asyncio.sleep(60)\n        if body", 1)
    install(site, "pager_one", {"pager": "pager_one:Pager"}, code=slow)
    notifier = load_plugins(["pager"]).notifiers["pager"]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await notifier.send("desk", {"text": "a"}, key="k")
