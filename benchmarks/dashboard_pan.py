"""How evenly a chart of 5,000 candles with 200 zones follows a hand that drags it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.dashboard_events import CHARTED
from benchmarks.harness import Figure, at_most, median, percentile

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

    from benchmarks.dashboard_browser import Visitor

CANDLES: Final = 5_000
ZONES: Final = 200
_WINDOWS: Final = (120, 1_000)  # as it opens, and zoomed out
_STEPS: Final = 90
_STEP_PX: Final = 7
_FIRST_MS: Final = 180_000  # detectors that nobody has compiled yet

_CHART: Final = """
  const { echarts } = await import('nicegui-echart');
  const chart = echarts.getInstanceByDom(document.querySelector('.candles'));
"""
_LOOK: Final = f"""async () => {{ {_CHART}
  const options = chart.getOption();
  const zones = options.series.find((one) => one.id === 'zones');
  return [options.xAxis[0].data.length, zones.markArea.data.length];
}}"""
_FRAME: Final = f"""async ([from, to]) => {{ {_CHART}
  chart.dispatchAction({{ type: 'dataZoom', startValue: from, endValue: to }});
}}"""
_RECORD: Final = """() => {
  const frames = window.frames_ms = [];
  let before = 0;
  const frame = (now) => {
    if (before) frames.push(now - before);
    before = now;
    window.recording = requestAnimationFrame(frame);
  };
  window.recording = requestAnimationFrame(frame);
}"""
_STOP: Final = "() => { cancelAnimationFrame(window.recording); return window.frames_ms; }"


@dataclass(frozen=True, slots=True)
class Drag:
    """What one drag looked like.

    Args:
        frames_ms: between two frames each.
        computed_ms: processor time of the page's main thread for each frame.
        zones: drawn at its end.
    """

    frames_ms: list[float]
    computed_ms: float
    zones: int


async def measure_pan(visitor: Visitor, *, repeats: int) -> list[Figure]:
    """Return the frames of a chart that is dragged.

    Args:
        visitor: opens it.
        repeats: drags of each window, at least 1.
    """
    async with visitor.page(f"/signals/{CHARTED}") as page:
        await page.wait_for_selector(".candles canvas", timeout=_FIRST_MS)
        await _fill(page)
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
        await session.send("Performance.enable")
        found = {
            width: [await _drag(page, session, width) for _ in range(repeats)] for width in _WINDOWS
        }
    return pan_figures(found)


async def _fill(page: Page) -> None:
    """Zoom to the oldest bars, at which older ones are fetched, and back."""
    await page.keyboard.press("z")  # every zone, not the nearest alone
    await page.evaluate(_FRAME, [0, 200])
    await _until(page, CANDLES, 0)
    await page.evaluate(_FRAME, [CANDLES - 121, CANDLES - 1])
    await _until(page, CANDLES, ZONES)


async def _until(page: Page, candles: int, zones: int) -> None:
    seen = [0, 0]
    for _ in range(300):
        seen = await page.evaluate(_LOOK)
        if seen[0] >= candles and seen[1] >= zones:
            return
        await page.wait_for_timeout(200)
    raise RuntimeError(f"the chart shows {seen[0]} candles and {seen[1]} zones")


async def _drag(page: Page, session: CDPSession, width: int) -> Drag:
    await page.evaluate(_FRAME, [CANDLES - 1 - width, CANDLES - 1])
    await _until(page, CANDLES, ZONES)
    box = await page.locator(".candles").bounding_box()
    if box is None:
        raise RuntimeError("the chart is not on the page")
    x, y = box["x"] + 60, box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    computed = await _computed_ms(session)
    await page.evaluate(_RECORD)
    for step in range(1, _STEPS + 1):
        await page.mouse.move(x + step * _STEP_PX, y)
    frames: list[float] = await page.evaluate(_STOP)
    computed = await _computed_ms(session) - computed
    zones = (await page.evaluate(_LOOK))[1]
    await page.mouse.up()
    return Drag(frames, computed / max(1, len(frames)), zones)


async def _computed_ms(session: CDPSession) -> float:
    told: dict[str, Any] = await session.send("Performance.getMetrics")
    metrics = {one["name"]: float(one["value"]) for one in told["metrics"]}
    return 1000 * metrics["TaskDuration"]


def pan_figures(found: dict[int, list[Drag]]) -> list[Figure]:
    """Return what drags say.

    Args:
        found: drags by how many candles were in sight, as many of each.
    """
    p95 = {
        width: median([percentile(one.frames_ms, 95) for one in drags])
        for width, drags in found.items()
    }
    cost = {width: median([one.computed_ms for one in drags]) for width, drags in found.items()}
    drags = [one for several in found.values() for one in several]
    each = ", ".join(f"{width:,} in sight {p95[width]:.0f} ms" for width in p95)
    note = (
        f"{CANDLES:,} candles, {min(one.zones for one in drags)} zones or more; the larger of {each}; "
        f"of each the median of {len(drags) // len(found)} drags"
    )
    return [
        Figure(
            name="dashboard_pan_frame_p95_ms",
            value=max(p95.values()),
            unit="ms",
            target=at_most(50),
            note=note,
        ),
        Figure(
            name="dashboard_pan_frame_cpu_ms",
            value=max(cost.values()),
            unit="ms",
            note="processor time of the page's main thread for a frame: "
            + ", ".join(f"{width:,} in sight {cost[width]:.1f} ms" for width in cost),
        ),
    ]
