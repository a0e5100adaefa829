"""Which code judged: one hash over the source of everything that a verdict passes through."""

from __future__ import annotations

import hashlib
import importlib
import sys
from functools import cache
from types import ModuleType
from typing import Final

_PACKAGE: Final = "snipersight."
_JUDGE: Final = "snipersight.risk.gate"


@cache
def code_hash() -> str:
    """Return a hash of the gate's code and of all of ours that it uses, 16 hex digits.

    Two verdicts with it equal were reached by the same code; a new comment changes it too.
    """
    digest = hashlib.sha256()
    for module in judging_modules():
        digest.update(f"{module.__name__}\n{_source(module)}\n".encode())
    return digest.hexdigest()[:16]


def judging_modules() -> tuple[ModuleType, ...]:
    """Return the gate's module and every module of ours that its names come from, by name."""
    found: dict[str, ModuleType] = {}
    waiting = [importlib.import_module(_JUDGE)]
    while waiting:
        module = waiting.pop()
        if module.__name__ not in found:
            found[module.__name__] = module
            waiting.extend(_used_by(module))
    return tuple(found[name] for name in sorted(found))


def _used_by(module: ModuleType) -> list[ModuleType]:
    names = {
        value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        for value in vars(module).values()
    }
    return [
        sys.modules[name]
        for name in names
        if isinstance(name, str) and name.startswith(_PACKAGE) and name in sys.modules
    ]


def _source(module: ModuleType) -> str:
    read = getattr(module.__loader__, "get_source", None)
    source: str | None = read(module.__name__) if read else None
    return source or "without source"
