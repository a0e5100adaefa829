"""Brings what documents link to from beside the folder `docs` onto the site, under `files/`.

The same links work in the repository and on the site: a schema or the list of settings stays
where the program reads it, and the site holds a copy.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

_LINK: Final = re.compile(r"(?<=\]\()((?:\.\./)+[^)#\s]+)")
_FOLDER: Final = "files"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every file that some document links to outside the folder of documents."""
    root = Path(config.docs_dir).parent
    for page in files.documentation_pages():
        for link in _LINK.findall(page.content_string):
            path = _outside(page.src_uri, link, root)
            name = "" if path is None else site_name(path.relative_to(root))
            if path is not None and name not in files.src_uris:
                files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links that leave the folder of documents lead to the copies."""
    root = Path(config.docs_dir).parent
    steps = "../" * page.file.src_uri.count("/")

    def replaced(match: re.Match[str]) -> str:
        path = _outside(page.file.src_uri, match[1], root)
        return match[1] if path is None else steps + site_name(path.relative_to(root))

    return _LINK.sub(replaced, markdown)


def site_name(path: Path) -> str:
    """Return where the copy of a file lies on the site; no server hides it for its leading dot."""
    shown = path.with_name(f"{path.name.removeprefix('.')}.txt") if path.name[0] == "." else path
    return f"{_FOLDER}/{shown.as_posix()}"


def _outside(src_uri: str, link: str, root: Path) -> Path | None:
    """Return the file that a link means if it lies outside the documents and exists."""
    docs = root / "docs"
    path = (docs / src_uri).parent.joinpath(link).resolve()
    is_outside = path.is_file() and path.is_relative_to(root) and not path.is_relative_to(docs)
    return path if is_outside else None
