from snipersight.bot.notifications.wording.evidence import NOTHING_KNOWN, evidence_line


def test_where_nobody_kept_count_nothing_is_known():
    assert evidence_line() == NOTHING_KNOWN
    assert evidence_line("") == NOTHING_KNOWN


def test_what_the_statistics_say_is_told_as_it_is():
    assert evidence_line("Too little evidence: 7 closed, 30 needed.") == (
        "Too little evidence: 7 closed, 30 needed."
    )
