from pathlib import Path

import pytest

from snipersight.bootstrap.paper_origins import choice_of, origin_text, paper_file
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.sources import SourceChoice
from snipersight.domain.errors import StateUnavailable


@pytest.mark.parametrize(
    "choice",
    [
        SourceChoice(seed=7),
        SourceChoice(seed=11),
        SourceChoice(exchange="binanceusdm"),
        SourceChoice(data=Path("/candles")),
        SourceChoice(data=Path("/can dles"), instruments=Path("/rules.toml")),
    ],
)
def test_the_prices_an_account_lives_by_are_found_again_in_its_file(choice):
    settings, _ = load_settings()
    paper_file(settings, "main", "v").save({"origin": origin_text(choice)})
    assert choice_of(settings, "main", "v") == choice
    assert origin_text(choice_of(settings, "main", "v")) == origin_text(choice)


def test_an_account_that_never_traded_takes_the_venue_s_own_prices():
    settings, _ = load_settings()
    assert choice_of(settings, "practice", "sandbox").is_built_in
    assert choice_of(settings, "main", "bybit") == SourceChoice(exchange="bybit")


def test_the_built_in_market_is_the_same_with_and_without_its_usual_seed():
    assert origin_text(SourceChoice()) == origin_text(SourceChoice(is_market=True, seed=7))
    assert origin_text(SourceChoice()) != origin_text(SourceChoice(seed=8))


def test_prices_that_mean_nothing_are_refused():
    settings, _ = load_settings()
    paper_file(settings, "main", "v").save({"origin": "tea leaves"})
    with pytest.raises(StateUnavailable, match="'tea leaves', which means nothing here"):
        choice_of(settings, "main", "v")
