import pytest

from snipersight.bootstrap.watchlists import load_watchlists
from snipersight.domain.errors import ConfigInvalid


def test_lists_are_read_by_name_without_repetitions(tmp_path):
    path = tmp_path / "watchlists.toml"
    path.write_text('majors = ["BTC/USDT", "ETH/USDT", "BTC/USDT"]\nperps = ["SOL/USDT:USDT"]\n')
    assert load_watchlists(path) == {
        "majors": ("BTC/USDT", "ETH/USDT"),
        "perps": ("SOL/USDT:USDT",),
    }


def test_an_absent_file_holds_no_lists(tmp_path):
    assert load_watchlists(tmp_path / "none.toml") == {}


def test_every_fault_is_named_at_once(tmp_path):
    path = tmp_path / "watchlists.toml"
    path.write_text('a = "BTC/USDT"\nb = ["btcusdt", 5]\nc = []\n')
    with pytest.raises(ConfigInvalid) as caught:
        load_watchlists(path)
    for part in ("a is not a list", "b: 'btcusdt' is not a symbol", "b: 5", "c is not a list"):
        assert part in caught.value.what
    assert caught.value.where == str(path)
