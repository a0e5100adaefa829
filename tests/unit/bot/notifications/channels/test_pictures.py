from pathlib import Path

import pytest

from snipersight.bot.notifications.channels.pictures import UnfitPicture, read_picture
from tests.builders.pictures import a_picture, png


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1600, 1000), (20, 1), (5000, 5000)])
def test_a_picture_within_the_limits_is_read(tmp_path: Path, width: int, height: int) -> None:
    content = png(width, height)
    assert read_picture(a_picture(tmp_path, content)) == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (png(5001, 5000), "5001 × 5000"),
        (png(21, 1), "21 × 1"),
        (png(1, 21), "1 × 21"),
        (png(0, 5), "no PNG"),
        (b"", "no PNG"),
        (b"<html>no picture, but long enough</html>", "no PNG"),
        (png() + b"\x00" * 10_000_000, "bytes, more than"),
    ],
)
def test_a_picture_beyond_them_is_left_out_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    found = read_picture(a_picture(tmp_path, content))
    assert isinstance(found, UnfitPicture)
    assert reason in found.reason


def test_a_missing_picture_is_left_out_without_naming_its_folder(tmp_path: Path) -> None:
    found = read_picture(tmp_path / "gone.png")
    assert found == UnfitPicture("gone.png cannot be read: No such file or directory")
