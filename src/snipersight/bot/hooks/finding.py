"""Which plug-ins are installed; nothing of them is imported to find out."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Final

from snipersight.bot.hooks.spec import GROUP

_NEXT_STEP: Final = "install or mend its package, or take its name out of HOOKS"


def installed_hooks() -> dict[str, tuple[EntryPoint, ...]]:
    """Return the plug-ins that packages offer, by name; of several packages, all of them."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        # A package that is on the path twice is found twice.
        found.setdefault(point.name, {}).setdefault(point.value, point)
    return {name: tuple(points.values()) for name, points in found.items()}


def find_hook(name: str) -> EntryPoint | str:
    """Return the entry point of a plug-in; a sentence if no package offers it, or several do."""
    installed = installed_hooks()
    found = installed.get(name, ())
    if not found:
        others = ", ".join(installed) or "none"
        return f"is not installed; installed are: {others}; {_NEXT_STEP}"
    if len(found) > 1:
        packages = ", ".join(sorted({package_of(point) for point in found}))
        return f"is offered by several packages, {packages}; {_NEXT_STEP}"
    return found[0]


def package_of(point: EntryPoint) -> str:
    """Return the name and version of the package that offers a plug-in."""
    if point.dist is None:
        return "an unknown package"
    return f"{point.dist.name} {point.dist.version}"
