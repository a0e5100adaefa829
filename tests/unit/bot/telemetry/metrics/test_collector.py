"""Metrics of readers as Prometheus gets them."""

import threading
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from snipersight.bot.telemetry.metrics import Family, Kind, StoreCollector
from snipersight.bot.telemetry.metrics.collector import Reader
from snipersight.bot.telemetry.metrics.serving import metrics_text, registry_of, served
from snipersight.domain.errors import StateUnavailable, VenueUnavailable


def a_gauge(value: float, **labels: str) -> Family:
    return Family(
        name="depth",
        help="How deep.",
        labels=tuple(labels),
        values={tuple(labels.values()): value},
    )


def a_counter(value: float) -> Family:
    return Family(name="events", help="How many.", kind=Kind.COUNTER, values={(): value})


def samples(collector: StoreCollector) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return what a scrape shows, by name and labels, the time it took left out."""
    text = metrics_text(registry_of(collector))
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("snipersight_") and "duration" not in sample.name
    }


def test_metrics_have_our_prefix_and_counters_their_ending():
    collector = StoreCollector({"a": lambda: (a_gauge(2.0, topic="notice"), a_counter(5.0))})
    assert samples(collector) == {
        ("snipersight_depth", (("topic", "notice"),)): 2.0,
        ("snipersight_events_total", ()): 5.0,
        ("snipersight_reader_up", (("reader", "a"),)): 1.0,
    }


@pytest.mark.parametrize("error", [StateUnavailable("the disk is gone"), KeyError("a row")])
def test_a_reader_that_fails_is_told_and_keeps_none_of_the_others(error):
    def broken() -> tuple[Family, ...]:
        raise error

    collector = StoreCollector({"broken": broken, "well": lambda: (a_gauge(1.0),)})
    for _ in range(2):
        found = samples(collector)
        assert found["snipersight_depth", ()] == 1.0
        assert found["snipersight_reader_up", (("reader", "broken"),)] == 0.0
        assert found["snipersight_reader_up", (("reader", "well"),)] == 1.0


def test_a_reader_that_works_again_is_up_again():
    state = {"is_broken": True}

    def sometimes() -> tuple[Family, ...]:
        if state["is_broken"]:
            raise StateUnavailable("not yet")
        return (a_gauge(1.0),)

    collector = StoreCollector({"it": sometimes})
    assert ("snipersight_depth", ()) not in samples(collector)
    state["is_broken"] = False
    assert samples(collector)["snipersight_reader_up", (("reader", "it"),)] == 1.0


def test_a_counter_never_falls_when_rows_are_pruned():
    values = iter([10.0, 4.0, 7.0, 7.0])
    reader: Reader = lambda: (a_counter(next(values)),)  # noqa: E731
    collector = StoreCollector({"it": reader})
    assert [samples(collector)["snipersight_events_total", ()] for _ in range(4)] == [
        10,
        10,
        13,
        13,
    ]


def test_a_gauge_may_fall():
    values = iter([10.0, 4.0])
    collector = StoreCollector({"it": lambda: (a_gauge(next(values)),)})
    assert [samples(collector)["snipersight_depth", ()] for _ in range(2)] == [10, 4]


def test_values_of_other_labels_are_refused():
    with pytest.raises(ValueError, match="depth has the labels"):
        Family(name="depth", help="", labels=("topic",), values={(): 1.0})


def test_scrapes_take_turns():
    busy = threading.Lock()
    overlaps: list[int] = []

    def slow() -> tuple[Family, ...]:
        if not busy.acquire(blocking=False):
            overlaps.append(1)
            return ()
        threading.Event().wait(0.02)
        busy.release()
        return (a_gauge(1.0),)

    collector = StoreCollector({"slow": slow})
    threads = [threading.Thread(target=lambda: list(collector.collect())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []


def test_metrics_are_served_on_loopback_until_the_end():
    registry = registry_of(StoreCollector({"a": lambda: (a_gauge(2.0),)}))
    with served(registry, host="127.0.0.1", port=0) as address:
        answer = urllib.request.urlopen(address, timeout=5)
        with answer:
            text = answer.read().decode()
    assert "snipersight_depth 2.0" in text
    assert "process_resident_memory_bytes" in text
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)


def test_metrics_are_kept_from_names_that_others_pointed_here():
    registry = registry_of(StoreCollector({"a": lambda: (a_gauge(2.0),)}))
    with served(registry, host="127.0.0.1", port=0, allowed_hosts=["bot.example.org"]) as address:
        request = urllib.request.Request(address, headers={"Host": "bot.example.org:9464"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200
        request = urllib.request.Request(address, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="421") as refused:
            urllib.request.urlopen(request, timeout=5)
        refused.value.close()


def test_a_port_that_is_taken_is_said_with_its_remedy():
    registry = registry_of(StoreCollector({}))
    with served(registry, host="127.0.0.1", port=0) as address:
        port = int(address.rsplit(":", 1)[1].split("/")[0])
        with (
            pytest.raises(VenueUnavailable, match="Address already in use") as raised,
            served(registry, host="127.0.0.1", port=port),
        ):
            pass
    assert "--port" in raised.value.next_step
