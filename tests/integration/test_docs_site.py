"""The documents as a site: it builds strictly, asks nobody for anything, and is found its way in."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.fakes.browser import NO_BROWSER, PROGRAM, opened, running_browser

ROOT = Path(__file__).parents[2]
MKDOCS = shutil.which("mkdocs", path=Path(sys.executable).parent) or shutil.which("mkdocs")
if MKDOCS is None:
    pytest.skip("needs mkdocs-material, of the development packages", allow_module_level=True)
# What a browser fetches by itself; a link is followed by a person alone.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


def built(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [str(MKDOCS), "build", "--strict", "-f", str(config), "-d", str(site)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return the folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    done = built(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Fetches(HTMLParser):
    """Collects what a page has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        is_passive = tag == "link" and held.get("rel") in ("canonical", "prev", "next", "edit")
        if tag in FETCHED and not is_passive:
            self.found.append(held.get(FETCHED[tag]) or "")


def test_no_page_has_a_browser_fetch_anything_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        text = page.read_text()
        reader = Fetches()
        reader.feed(text)
        assert len(reader.found) >= 4
        assert [one for one in reader.found if re.match(r"(https?:)?//", one)] == [], page
        assert 'class="mermaid"' not in text  # its program would come from the network
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", sheet.read_text()), sheet


def test_files_beside_the_documents_come_along(site):
    assert "MAX_RISK_PER_TRADE" in (site / "files/env.example.txt").read_text()
    assert "files/env.example.txt" in (site / "risk.html").read_text()
    schema = "files/src/snipersight/bot/notifications/schemas/notification-1.json"
    assert (site / schema).exists()
    assert f"../{schema}" in (site / "notifications/json.html").read_text()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("](first-steps.md)", "](first-stepps.md)", "first-stepps.md"),
        ("](first-steps.md)", "](first-steps.md#nowhere)", "#nowhere"),
    ],
)
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path, old, new, told):
    for name in ("docs", "deploy", "src/snipersight/bot/notifications/schemas"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("mkdocs.yml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path / name)
    index = tmp_path / "docs/index.md"
    assert old in index.read_text()
    index.write_text(index.read_text().replace(old, new))
    done = built(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    assert told in done.stdout + done.stderr


@pytest.mark.skipif(not PROGRAM, reason=NO_BROWSER)
async def test_opened_from_the_disk_it_loads_nothing_else_fits_a_phone_and_can_be_searched(
    site, tmp_path
):
    with running_browser(tmp_path / "profile") as port:
        async with opened(port, f"{(site / 'first-steps.html').as_uri()}") as page:
            loaded = await page.run(
                "performance.getEntriesByType('resource').map((one) => one.name).join('\\n')"
            )
            assert [one for one in loaded.split() if not one.startswith("file:")] == []
            assert await page.run("document.documentElement.scrollWidth <= innerWidth")
            await page.call("Emulation.setFocusEmulationEnabled", enabled=True)
            await page.run("document.querySelector('.md-search__input').focus()")
            await page.call("Input.insertText", text="watchdog")
            typed = "new KeyboardEvent('keyup', {bubbles: true, key: 'g'})"
            await page.run(f"document.querySelector('.md-search__input').dispatchEvent({typed})")
            found = "document.querySelector('.md-search-result__list')?.textContent ?? ''"
            await page.until(f"({found}).includes('As a service')")
