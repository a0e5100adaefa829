import pytest

from snipersight.bootstrap.env_file import check_env_file
from snipersight.domain.errors import ConfigInvalid


def test_an_absent_file_is_fine_unless_the_user_named_it(tmp_path):
    path = tmp_path / "none.env"
    assert check_env_file(path, required=False) == ()
    with pytest.raises(ConfigInvalid, match="no such file"):
        check_env_file(path, required=True)


def test_names_are_returned_in_order_and_comments_are_not_names(tmp_path):
    path = tmp_path / "a.env"
    path.write_text("# comment\nB=1\n\nexport A='x y'\n")
    assert check_env_file(path, required=True) == ("B", "A")


def test_a_broken_line_is_named_by_its_number(tmp_path):
    path = tmp_path / "a.env"
    path.write_text("A=1\n'unclosed\nB=2\n")
    with pytest.raises(ConfigInvalid, match="line 2"):
        check_env_file(path, required=True)


def test_a_file_that_is_no_text_or_no_file_is_refused(tmp_path):
    path = tmp_path / "a.env"
    path.write_bytes(b"A=\xff\xfe")
    with pytest.raises(ConfigInvalid, match="UTF-8"):
        check_env_file(path, required=True)
    with pytest.raises(ConfigInvalid, match="is a directory"):
        check_env_file(tmp_path, required=True)
