import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, update

from snipersight.storage.database import Database
from snipersight.storage.key_value import (
    ABSENT,
    KeyValueStore,
    StoredValue,
    compare_and_set_value,
    delete_value,
    get_value,
    put_value,
)
from snipersight.storage.schema import KEY_VALUE, METADATA

HOUR_US = 3_600_000_000


def found(store: KeyValueStore, key: str) -> StoredValue:
    """Return what a key holds; it must hold something."""
    held = store.get(key)
    assert held is not None
    return held


def run_out(database: Database, key: str) -> None:
    """Let the time of a key be over."""
    database.write(
        lambda connection: connection.execute(
            update(KEY_VALUE).where(KEY_VALUE.c.key == key).values(expires_us=1)
        )
    )


def test_what_was_put_is_there_with_version_and_time(database):
    store = KeyValueStore(database)
    assert store.get("cursor") is None
    before_us = database.read(database.now_us)
    version = store.put("cursor", "bär 🐻 42")
    held = found(store, "cursor")
    assert (held.key, held.value, held.version) == ("cursor", "bär 🐻 42", version)
    assert before_us <= held.changed_us <= database.read(database.now_us)
    assert held.expires_us is None


def test_a_second_put_replaces_value_time_and_version(database):
    store = KeyValueStore(database)
    first = store.put("cursor", "1", ttl_us=HOUR_US)
    second = store.put("cursor", "2")
    held = found(store, "cursor")
    assert (held.value, held.version, held.expires_us) == ("2", second, None)
    assert second > first


def test_a_key_whose_time_is_up_is_absent(database):
    store = KeyValueStore(database)
    version = store.put("seen", "yes", ttl_us=HOUR_US)
    held = found(store, "seen")
    assert held.expires_us == held.changed_us + HOUR_US
    run_out(database, "seen")
    assert store.get("seen") is None
    assert not store.delete("seen")
    assert store.compare_and_set("seen", "no", expected_version=version) is None
    assert store.compare_and_set("seen", "no", expected_version=ABSENT) == version + 1
    assert found(store, "seen").expires_us is None


def test_comparing_stores_only_over_the_expected_version(database):
    store = KeyValueStore(database)
    first = store.compare_and_set("lock", "a", expected_version=ABSENT)
    assert first is not None
    assert store.compare_and_set("lock", "b", expected_version=ABSENT) is None
    second = store.compare_and_set("lock", "b", expected_version=first, ttl_us=HOUR_US)
    assert second == first + 1
    assert store.compare_and_set("lock", "c", expected_version=first) is None
    held = found(store, "lock")
    assert (held.value, held.version) == ("b", second)
    assert held.expires_us == held.changed_us + HOUR_US


def test_deleting_may_ask_for_a_version(database):
    store = KeyValueStore(database)
    version = store.put("lock", "a")
    assert not store.delete("lock", expected_version=version + 1)
    assert store.get("lock") is not None
    assert store.delete("lock", expected_version=version)
    assert store.get("lock") is None
    assert not store.delete("lock")


def test_a_key_deleted_and_stored_again_is_not_mistaken_for_unchanged(database):
    store = KeyValueStore(database)
    before = store.put("lock", "a")
    store.delete("lock")
    after = store.put("lock", "a")
    assert after > before
    assert store.compare_and_set("lock", "b", expected_version=before) is None


def test_versions_grow_even_after_retention_forgot_the_key(database):
    store = KeyValueStore(database)
    before = store.put("lock", "a")
    database.write(lambda connection: connection.execute(KEY_VALUE.delete()))
    threading.Event().wait(0.002)  # a tick of the database's clock
    assert store.put("lock", "a") > before


@pytest.mark.parametrize("key", ["", "x" * 257])
def test_a_key_without_a_proper_name_is_refused(database, key):
    store = KeyValueStore(database)
    for refused in (store.get, lambda it: store.put(it, "x")):
        with pytest.raises(ValueError, match="1 to 256 characters"):
            refused(key)


def test_no_time_at_all_is_refused(database):
    with pytest.raises(ValueError, match="0 µs"):
        KeyValueStore(database).put("a", "b", ttl_us=0)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "compare", "delete", "get"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([None, 1, 3]),  # time to live
        st.booleans(),  # expect the version that is there
        st.integers(0, 2),  # how far the clock goes on
    ),
    max_size=30,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_STEPS)
def test_it_behaves_like_a_dictionary_with_versions_and_ends(steps):
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    model: dict[str, tuple[int, int, int | None]] = {}  # value, version, end
    now_us, newest = 1_000, {"a": 0, "b": 0}
    with engine.begin() as connection:
        for number, (what, key, ttl_us, expects, later) in enumerate(steps):
            now_us += later
            held = model.get(key)
            if held is not None and held[2] is not None and held[2] <= now_us:
                del model[key]
                held = None
            expected = (held[1] if held else ABSENT) if expects else 7
            end = None if ttl_us is None else now_us + ttl_us
            version = None
            if what == "put":
                version = put_value(connection, key, str(number), ttl_us=ttl_us, now_us=now_us)
            elif what == "compare":
                version = compare_and_set_value(
                    connection,
                    key,
                    str(number),
                    expected_version=expected,
                    ttl_us=ttl_us,
                    now_us=now_us,
                )
                assert (version is not None) == expects
            elif what == "delete":
                assert delete_value(connection, key, expected_version=expected, now_us=now_us) == (
                    held is not None and expects
                )
                if expects:
                    model.pop(key, None)
            if version is not None:
                assert version > newest[key]
                newest[key] = version
                model[key] = (number, version, end)
            stored = get_value(connection, key, now_us=now_us)
            shown = (int(stored.value), stored.version, stored.expires_us) if stored else None
            assert shown == model.get(key)
    engine.dispose()
