import re

import numpy as np
import pytest

from snipersight.charts.evidence.bars import Share, costs_svg, distribution_svg, shares_svg
from snipersight.charts.evidence.heat import Cell, heat_svg
from snipersight.charts.evidence.intervals import Estimate, estimates_svg, reliability_svg
from snipersight.charts.evidence.scatter import MOST_DOTS, agreement_svg, evenly, excursions_svg
from snipersight.charts.evidence.svg import Frame
from snipersight.domain.statistics import (
    Calibration,
    CalibrationVerdict,
    RDistribution,
    ReliabilityBin,
)

WIDE = Frame(name="wide", width_px=552, height_px=260)
PHONE = Frame(name="phone", width_px=342, height_px=260)


def texts_of(svg: str) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def a_spread(mean: float | None = -0.2, median: float | None = -1.0) -> RDistribution:
    return RDistribution(
        n=10,
        edges=(-1.5, -1.0, -0.5, 0.0, 0.5, 1.0),
        counts=(0, 6, 1, 1, 2),
        quantiles=(),
        mean=mean,
        median=median,
        best=0.9,
        worst=-1.0,
        sentence="",
    )


def test_losing_bars_are_solid_and_winning_ones_light_so_that_colour_is_not_needed():
    svg = distribution_svg(a_spread(), WIDE, alt="")
    strong = re.findall(r'fill="var\(--down\)"[^>]*opacity="([\d.]+)"', svg)
    light = re.findall(r'fill="var\(--up\)"[^>]*opacity="([\d.]+)"', svg)
    assert set(strong) == {"0.85"}
    assert set(light) == {"0.3"}


def test_average_and_median_are_named_beside_their_lines():
    assert {"average −0.20R", "median −1.00R"} <= set(
        texts_of(distribution_svg(a_spread(), WIDE, alt=""))
    )


def test_a_spread_of_too_few_names_no_average():
    texts = texts_of(distribution_svg(a_spread(mean=None, median=None), WIDE, alt=""))
    assert not [text for text in texts if "average" in text]


def test_shares_say_their_names_and_words():
    shares = [Share(name="gated", count=4, words="4 of 9"), Share(name="", count=0, words="0 of 5")]
    assert {"gated", "4 of 9", "0 of 5"} <= set(texts_of(shares_svg(shares, WIDE, alt="")))


def test_costs_lead_from_gross_to_net():
    svg = costs_svg((("gross", 0.5), ("fees", -0.2), ("funding", 0.0)), WIDE, alt="")
    texts = texts_of(svg)
    assert {"gross", "fees", "net", "+0.50R", "−0.20R", "0.00R", "+0.30R"} <= set(texts)


def test_an_average_of_too_few_is_not_drawn_but_says_how_many_there_are():
    estimates = [
        Estimate(name="tier A", words="n 40", mean=0.3, low=0.1, high=0.5),
        Estimate(name="tier B", words="n 7, too few"),
    ]
    svg = estimates_svg(estimates, WIDE, alt="")
    texts = texts_of(svg)
    assert {"tier A", "+0.30R", "n 40", "tier B", "n 7, too few"} <= set(texts)
    assert len([text for text in texts if re.fullmatch(r"[+−]\d\.\d\dR", text)]) == 1


@pytest.mark.parametrize(
    ("low", "high", "colour"), [(0.1, 0.5, "up"), (-0.5, -0.1, "down"), (-0.1, 0.5, "accent")]
)
def test_only_an_interval_beside_zero_takes_the_colour_of_a_side(low, high, colour):
    one = Estimate(name="x", words="", mean=(low + high) / 2, low=low, high=high)
    assert f'stroke="var(--{colour})"' in estimates_svg([one], WIDE, alt="")


def a_calibration(verdict: CalibrationVerdict) -> Calibration:
    one = ReliabilityBin(
        low=60, high=70, mean_score=65, n=41, hits=20, rate=0.49, rate_low=0.3, rate_high=0.6
    )
    return Calibration(
        n=41,
        days=20,
        hits=20,
        rate=20 / 41,
        rate_low=0.3,
        rate_high=0.6,
        bins=(one,),
        curve=((60.0, 0.4), (70.0, 0.6)),
        brier=0.2,
        brier_of_base_rate=0.25,
        p_value=0.01,
        verdict=verdict,
        sentence="",
    )


def test_reliability_shows_counts_and_the_rate_of_all():
    svg = reliability_svg(a_calibration(CalibrationVerdict.INFORMATIVE), WIDE, alt="")
    assert {"41", "all 49%"} <= set(texts_of(svg))
    assert "var(--second)" in svg


def test_a_score_without_evidence_is_given_no_rising_line():
    svg = reliability_svg(a_calibration(CalibrationVerdict.NO_EVIDENCE), WIDE, alt="")
    assert "var(--second)" not in svg


def test_a_cell_of_too_few_is_striped_and_says_how_many():
    cells = [Cell(n=44, mean=-0.25), Cell(n=7, mean=None), Cell(n=0, mean=None)]
    svg = heat_svg([("trend", cells)], ("LONG", "SHORT", "both"), WIDE, alt="")
    assert {"−0.25R", "n 44", "n 7", "none", "trend", "LONG"} <= set(texts_of(svg))
    assert svg.count('stroke="var(--grid)"') >= 2 * 2  # border and stripes of two cells
    assert svg.count('fill="var(--down)"') == 1


def test_hits_are_rings_and_misses_are_filled():
    svg = excursions_svg(
        np.array([0.2, 1.0]), np.array([2.0, 0.3]), np.array([1.5, -1.0]), WIDE, alt=""
    )
    (ring,) = re.findall(r'<use[^>]*stroke="var\(--up\)"[^>]*>', svg)
    (dot,) = re.findall(r'<use[^>]*fill="var\(--down\)"[^>]*>', svg)
    assert 'fill-opacity="0"' in ring
    assert "stroke=" not in dot
    assert {"○ hit", "● miss", "furthest for it"} <= set(texts_of(svg))


def test_so_many_dots_are_thinned_evenly_through_time():
    places = evenly(10_000)
    assert len(places) == MOST_DOTS
    assert (places[0], places[-1]) == (0, 9_999)
    assert np.diff(places).max() <= 13
    assert evenly(5).tolist() == [0, 1, 2, 3, 4]


def test_model_and_fact_share_one_scale():
    svg = agreement_svg(np.array([-1.0, 2.0]), np.array([-1.1, 1.7]), PHONE, alt="")
    assert {"modelled", "actual"} <= set(texts_of(svg))
