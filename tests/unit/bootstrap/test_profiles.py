from pathlib import Path
from typing import Any

import pytest

from snipersight.bootstrap.profiles import list_profiles, load_profile
from snipersight.bootstrap.suggestions import did_you_mean
from snipersight.cli.toml_text import toml_text
from snipersight.domain.errors import ConfigInvalid

SHIPPED = ["aggressive", "balanced", "conservative", "scalp", "swing"]


def own(tmp_path: Path, file: str = "mine", **changes: Any) -> Path:
    """Save a copy of `balanced` under another name with some top-level values changed."""
    loaded = load_profile("balanced", own_folder=tmp_path / "none")
    values = loaded.model_dump(mode="json", exclude_none=True)
    folder = tmp_path / "profiles"
    folder.mkdir(exist_ok=True)
    (folder / f"{file}.toml").write_text(toml_text(values | {"name": file} | changes))
    return folder


def test_every_shipped_profile_loads(tmp_path):
    known = list_profiles(tmp_path / "none")
    assert list(known) == SHIPPED
    assert [entry.load().name for entry in known.values()] == SHIPPED


def test_what_is_printed_of_a_profile_is_that_profile(tmp_path):
    folder = own(tmp_path, "balanced")
    printed = load_profile("balanced", own_folder=folder)
    assert printed.content_hash == load_profile("balanced", own_folder=tmp_path).content_hash


def test_an_own_profile_is_found_and_wins_over_a_shipped_one_of_that_name(tmp_path):
    own(tmp_path, "mine")
    folder = own(tmp_path, "swing", description="my way of swinging")
    known = list_profiles(folder)
    assert list(known) == sorted([*SHIPPED, "mine"])
    assert known["swing"].is_own
    assert not known["scalp"].is_own
    assert load_profile("swing", own_folder=folder).description == "my way of swinging"


def test_a_mistyped_name_is_answered_with_the_nearest(tmp_path):
    with pytest.raises(ConfigInvalid) as caught:
        load_profile("balenced", own_folder=tmp_path)
    assert "did you mean balanced?" in caught.value.next_step


def test_the_names_and_the_command_that_lists_them_are_two_sentences():
    assert did_you_mean("balenced", ["balanced"], lister="snipersight profiles") == (
        "did you mean balanced? `snipersight profiles` lists them"
    )
    assert did_you_mean("q", ["scalp", "swing"], lister="snipersight profiles") == (
        "use one of scalp, swing; `snipersight profiles` lists them"
    )


def test_a_syntax_error_names_file_and_line(tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nscore = = 5\n')
    with pytest.raises(ConfigInvalid, match="line 2") as caught:
        load_profile("bad", own_folder=tmp_path)
    assert caught.value.where.endswith("bad.toml")


def test_an_unknown_key_is_named_with_its_file(tmp_path):
    folder = own(tmp_path, "mine", gates={"min_scor": 40})
    with pytest.raises(ConfigInvalid, match=r"unknown key gates\.min_scor") as caught:
        load_profile("mine", own_folder=folder)
    assert caught.value.where.endswith("mine.toml")


def test_a_profile_that_calls_itself_otherwise_is_refused(tmp_path):
    folder = own(tmp_path, "mine", name="other")
    with pytest.raises(ConfigInvalid, match="calls itself 'other'"):
        load_profile("mine", own_folder=folder)
