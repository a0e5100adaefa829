from snipersight.bootstrap.dashboard.views import SignalOrder, SignalState
from snipersight.domain.direction import Direction
from snipersight.web.pages.signal_filters import filter_of, next_path


def test_without_words_live_signals_are_ranked():
    wanted = filter_of({}, "main")
    assert wanted.states == {SignalState.WAITING, SignalState.OPEN}
    assert wanted.order is SignalOrder.RANK
    assert wanted.account == "main"


def test_all_signals_are_listed_newest_first():
    wanted = filter_of({"show": "all"}, None)
    assert wanted.states == frozenset()
    assert wanted.order is SignalOrder.NEWEST


def test_a_state_a_side_and_a_tier_are_taken_from_the_address():
    wanted = filter_of({"show": "refused", "side": "SHORT", "tier": "A", "q": "btc"}, None)
    assert wanted.states == {SignalState.REFUSED}
    assert wanted.direction is Direction.SHORT
    assert (wanted.tier, wanted.text) == ("A", "btc")


def test_words_that_mean_nothing_ask_for_everything_of_their_kind():
    wanted = filter_of({"show": "'; DROP", "side": "up", "tier": "Z", "q": "x" * 999}, None)
    assert wanted.states == {SignalState.WAITING, SignalState.OPEN}
    assert (wanted.direction, wanted.tier) == (None, None)
    assert len(wanted.text) == 80


def test_the_next_page_keeps_the_filter():
    assert next_path({"q": "a&b", "after": "old"}, "new") == "/?q=a%26b&after=new"
