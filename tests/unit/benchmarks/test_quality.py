"""The list of promises: the page is what is run, and nothing counts as shown that did not run."""

from pathlib import Path

import pytest

from benchmarks.quality import PAGE, ROOT, judged, lines_of, main, promises_of

LINES = list(lines_of(PAGE.read_text(encoding="utf-8")))


def test_every_row_of_the_page_is_a_line_that_can_be_run():
    rows = [
        text
        for text in PAGE.read_text(encoding="utf-8").splitlines()
        if text.startswith("| ") and not text.startswith("| What is shown")
    ]
    assert len(rows) == len(LINES) > 20


def test_each_of_five_promises_has_lines():
    assert sorted({line.promise for line in LINES}) == [1, 2, 3, 4, 5]
    assert set(promises_of(PAGE.read_text(encoding="utf-8"))) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("path", sorted({path for line in LINES for path in line.paths}))
def test_every_test_that_the_page_names_is_there(path: str):
    assert (ROOT / path).exists()
    assert Path(path).parts[0] == "tests"


@pytest.mark.parametrize(
    ("code", "output", "is_shown", "words"),
    [
        (0, "....\n4 passed, 1 skipped in 0.1s\n", True, "4 passed, 1 skipped"),
        (0, "ss\n2 skipped in 0.1s\n", False, "2 skipped"),
        (1, "F.\n1 failed, 3 passed in 0.1s\n", False, "1 failed, 3 passed"),
        (4, "no such file\n", False, "code 4"),
    ],
)
def test_what_did_not_run_is_not_shown(code: int, output: str, is_shown: bool, words: str):
    done = judged(code, output, 1.0)
    assert (done.is_shown, done.words) == (is_shown, words)
    assert bool(done.output) is not is_shown


def test_a_promise_that_is_not_made_is_refused(capsys):
    assert main(["9"]) == 2
    assert "1 to 5" in capsys.readouterr().out
