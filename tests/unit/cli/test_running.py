"""What `snipersight run` says of itself at its end."""

import pytest

from snipersight.bootstrap.running.process import RunSummary
from snipersight.cli.running import summary_lines


@pytest.mark.parametrize(
    ("plans", "executed", "line"),
    [
        (0, 0, "Scanned 3 closes: no plan was approved."),
        (1, 0, "Scanned 3 closes, approved 1 plan, executed none."),
        (2, 1, "Scanned 3 closes, approved 2 plans, executed 1."),
        (0, 1, "Scanned 3 closes, approved 0 plans, executed 1."),  # approved before it began
    ],
)
def test_a_run_ends_with_what_it_did(plans, executed, line):
    assert summary_lines(RunSummary(closes=3, plans=plans, executed=executed)) == [line]


def test_what_was_cut_short_is_named():
    summary = RunSummary(closes=1, late=("scans", "sender"))
    assert summary_lines(summary)[1:] == ["Cut short at the end: scans, sender."]
