"""Which pictures are taken."""

import pytest

from snipersight.sandbox.telegram.answers import Refusal
from snipersight.sandbox.telegram.pictures import MAX_BYTES, PictureShelf
from tests.builders.pictures import png

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0000b080168028001011100")


def refused(data: bytes) -> str:
    """Return why a picture is refused."""
    with pytest.raises(Refusal) as caught:
        PictureShelf().keep(data)
    return caught.value.what.removeprefix("Bad Request: ")


@pytest.mark.parametrize(("data", "size"), [(png(640, 360), (640, 360)), (JPEG, (640, 360))])
def test_the_size_is_read_from_the_picture(data, size):
    shelf = PictureShelf()
    kept = shelf.keep(data)
    assert (kept.width, kept.height) == size
    assert shelf.get(kept.file_id) is kept
    assert shelf.data(kept.file_id) == data


@pytest.mark.parametrize("size", [(9000, 1001), (2100, 100), (100, 2001)])
def test_a_picture_too_large_or_too_long_has_invalid_dimensions(size):
    assert refused(png(*size)) == "PHOTO_INVALID_DIMENSIONS"


def test_the_longest_allowed_picture_is_taken():
    assert PictureShelf().keep(png(2000, 100)).width == 2000
    assert PictureShelf().keep(png(9000, 1000)).width == 9000


def test_what_is_no_whole_picture_is_refused():
    whole = png(10, 10)
    damaged = whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]
    for data in (b"GIF89a", whole[:-4], whole[:20], damaged, JPEG[:20], b"\xff\xd8"):
        assert refused(data) == "IMAGE_PROCESS_FAILED"
    assert refused(b"") == "file must be non-empty"
    assert refused(bytes(MAX_BYTES + 1)) == "file is too big"


def test_only_the_last_hundred_pictures_are_kept():
    shelf = PictureShelf()
    ids = [shelf.keep(png(1, 1)).file_id for _ in range(101)]
    assert (shelf.get(ids[0]), shelf.data(ids[0])) == (None, b"")
    assert shelf.get(ids[1]) is not None


def test_pictures_never_take_more_than_64_megabytes():
    shelf, whole = PictureShelf(), png(10, 10)
    ids = [shelf.keep(whole + bytes(9 * 1024 * 1024)).file_id for _ in range(8)]
    assert [shelf.get(file_id) is not None for file_id in ids] == [False] + [True] * 7
