import os
import stat
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import matplotlib.image
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.colors import to_rgb

import snipersight.charts
from snipersight.charts import Canvas, ChartUnavailable, Theme, render_plan, save_plan
from snipersight.charts.theme import PALETTES
from snipersight.domain.errors import DataInvalid
from tests.unit.charts.pictures import a_full_picture, a_picture, a_plan, mirrored, some_candles

SMALL = Canvas(width_px=800, height_px=500, scale=1)


def size_of(png: bytes) -> tuple[int, ...]:
    return struct.unpack(">II", png[16:24])


def pixels_of(png: bytes) -> npt.NDArray[np.float64]:
    return np.asarray(matplotlib.image.imread(BytesIO(png)), dtype=np.float64)[..., :3]


def test_the_public_names_are_these():
    assert snipersight.charts.__all__ == [
        "Canvas", "ChartUnavailable", "Theme", "render_plan", "save_plan",
    ]  # fmt: skip


def test_a_picture_is_a_png_of_twice_its_logical_size():
    png = render_plan(a_full_picture())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert size_of(png) == (2400, 1600)
    assert len(png) < 1_000_000


def test_another_canvas_gives_another_size():
    assert size_of(render_plan(a_picture(), canvas=SMALL)) == (800, 500)


def test_the_same_picture_gives_the_same_bytes():
    first, second = (render_plan(a_full_picture(), canvas=SMALL) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("theme", list(Theme))
def test_the_ground_is_the_themes(theme):
    corner = pixels_of(render_plan(a_picture(), theme=theme, canvas=SMALL))[2, 2]
    assert corner == pytest.approx(to_rgb(PALETTES[theme].ground), abs=0.01)


def test_a_long_has_its_reward_above_and_a_short_below():
    reward = to_rgb(PALETTES[Theme.DARK].up)
    middles = []
    for picture in (a_picture(), mirrored(a_picture())):
        tags = pixels_of(render_plan(picture, canvas=SMALL))[:, 600:, :]
        rows = np.flatnonzero((np.abs(tags - reward) < 0.02).all(axis=2).sum(axis=1) > 20)
        middles.append(float(np.median(rows)))
    assert middles[0] < 250 < middles[1]


def test_threads_draw_the_same_as_one():
    alone = render_plan(a_full_picture(), canvas=SMALL)
    with ThreadPoolExecutor(4) as threads:
        together = list(
            threads.map(lambda _: render_plan(a_full_picture(), canvas=SMALL), range(8))
        )
    assert set(together) == {alone}


def test_texts_that_matplotlib_would_interpret_or_lack_are_drawn_without_a_warning():
    symbol = "$\\undefined{币$\n_^/USDT"
    plan, candles = a_plan(symbol=symbol, venue="$x^{$"), some_candles(symbol=symbol)
    png = render_plan(a_picture(plan=plan, candles=candles), canvas=SMALL)
    assert size_of(png) == (800, 500)


def test_a_chart_file_is_whole_and_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "new" / "btc.png"
    save_plan(a_picture(), path, canvas=SMALL)
    assert path.read_bytes() == render_plan(a_picture(), canvas=SMALL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["btc.png"]


def test_an_older_file_is_replaced_and_its_readers_keep_theirs(tmp_path):
    path = tmp_path / "btc.png"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        save_plan(a_picture(), path, canvas=SMALL)
        assert reader.read() == b"old"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_failed_write_leaves_nothing_behind_and_says_what_to_do(tmp_path):
    path = tmp_path / "taken.png"
    path.mkdir()
    with pytest.raises(ChartUnavailable, match=r"taken\.png.*choose a folder"):
        save_plan(a_picture(), path, canvas=SMALL)
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken.png"]


def test_a_folder_that_is_a_file_is_an_error_with_the_path(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ChartUnavailable, match=r"file/btc\.png"):
        save_plan(a_picture(), tmp_path / "file" / "btc.png", canvas=SMALL)


def test_a_picture_that_cannot_be_drawn_touches_no_file(tmp_path):
    path = tmp_path / "btc.png"
    path.write_bytes(b"old")
    with pytest.raises(DataInvalid):
        save_plan(a_picture(candles=some_candles(symbol="ETH/USDT")), path)
    assert path.read_bytes() == b"old"


def modules_after(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sorted(sys.modules))"
    source = str(Path(snipersight.__file__).parent.parent)
    run = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": source},
    )
    return set(run.stdout.split())


def test_matplotlib_is_loaded_only_when_a_picture_is_drawn():
    assert "matplotlib" not in modules_after("import snipersight.charts")


def test_drawing_uses_no_global_plotting_state():
    loaded = modules_after("import snipersight.charts.painter, snipersight.charts.scene")
    assert "matplotlib" in loaded
    assert "matplotlib.pyplot" not in loaded
