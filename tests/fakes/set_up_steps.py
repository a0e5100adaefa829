"""Stands in for the programs that build an environment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FULL: Final = [
    "creating the environment",
    "fetching the installer",
    "installing requirements-dev.lock",
    "installing snipersight",
    "compiling snipersight",
]


class RecordedSteps:
    """Stands in for venv, pip and uv: notes each step and leaves the files they would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.labels: list[str] = []
        self.fail_at: str | None = None

    def __call__(self, label: str, command: list[str]) -> None:
        self.labels.append(label.split(" (", maxsplit=1)[0])
        if self.fail_at is not None and label.startswith(self.fail_at):
            raise KeyboardInterrupt
        if label == "creating the environment":
            folder = Path(command[-1]) / "bin"
            folder.mkdir(parents=True)
            (folder / "python").touch()
        if label == "fetching the installer":
            (self.root / ".venv/bin/uv").touch()

    def taken(self) -> list[str]:
        """Return the steps since the last call."""
        steps, self.labels = self.labels, []
        return steps
