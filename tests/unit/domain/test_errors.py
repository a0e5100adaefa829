import pickle

import pytest

from snipersight.domain.errors import (
    ConfigInvalid,
    DataInvalid,
    NoData,
    SniperSightError,
    UnknownSymbol,
)


def test_a_message_says_where_what_and_what_to_do():
    error = DataInvalid("NaN in row 7", where="BTCUSDT-5m.parquet", next_step="replace the file")
    assert str(error) == "BTCUSDT-5m.parquet: NaN in row 7 — replace the file"


def test_a_message_without_place_or_remedy_is_the_sentence_alone():
    assert str(ConfigInvalid("no symbol is named")) == "no symbol is named"


def test_an_error_keeps_its_parts_across_processes():
    error = pickle.loads(pickle.dumps(NoData("empty", where="here", next_step="look there")))
    assert type(error) is NoData
    assert (error.what, error.where, error.next_step) == ("empty", "here", "look there")


@pytest.mark.parametrize("kind", [UnknownSymbol, NoData])
def test_a_symbol_that_cannot_be_read_is_left_out_like_bad_data(kind: type[SniperSightError]):
    assert issubclass(kind, DataInvalid)
