import stat
from pathlib import Path

import pytest

from snipersight.domain.errors import StateUnavailable
from snipersight.storage.home import Home, make_private_folder


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["cache", "logs", "charts", "keys"])
def test_sub_folders_appear_when_asked_for_and_only_their_owner_enters(tmp_path, name):
    home = Home(tmp_path / "home")
    folder = getattr(home, name)()
    assert folder == tmp_path / "home" / name
    assert mode_of(folder) == 0o700
    assert mode_of(home.path) == 0o700


def test_nothing_is_created_before_it_is_asked_for(tmp_path):
    home = Home(tmp_path / "home")
    assert home.profiles.name == "profiles"
    assert home.watchlists.name == "watchlists.toml"
    assert home.env_file.name == ".env"
    assert not home.path.exists()


def test_an_existing_folder_keeps_the_permissions_it_has(tmp_path):
    tmp_path.chmod(0o755)
    assert mode_of(make_private_folder(tmp_path)) == 0o755


def test_a_writable_home_has_no_problem_and_is_left_empty(tmp_path):
    home = Home(tmp_path / "home")
    assert home.problem() is None
    assert list(home.path.iterdir()) == []


def test_a_home_below_a_file_is_unavailable_and_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    home = Home(tmp_path / "file" / "home")
    with pytest.raises(StateUnavailable) as caught:
        home.logs()
    assert "not a directory" in str(caught.value)
    assert "SNIPERSIGHT_HOME" in caught.value.next_step
    assert str(home.path) in caught.value.where


def test_a_home_that_is_a_file_has_a_problem(tmp_path):
    (tmp_path / "home").write_text("")
    assert isinstance(Home(tmp_path / "home").problem(), StateUnavailable)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system nobody can write")
def test_a_home_on_a_read_only_file_system_has_a_problem():
    assert isinstance(Home(Path("/proc/self")).problem(), StateUnavailable)
