"""The hash of the judging code covers all of it."""

import ast
import importlib
import sys
from pathlib import Path

from snipersight.risk.audit import code_hash as module
from snipersight.risk.audit.code_hash import code_hash, judging_code


def _imported(name: str) -> set[str]:
    """Return the modules of ours that a module's text imports from when it is loaded."""
    tree = ast.parse(Path(str(sys.modules[name].__file__)).read_text(encoding="utf-8"))
    modules = (node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return {module for module in modules if module.startswith("snipersight.")}


def test_every_module_that_a_verdict_passes_through_is_hashed():
    hashed = set(judging_code())
    waiting = ["snipersight.risk.gate"]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            importlib.import_module(name)
            waiting.extend(_imported(name))
    assert hashed == reached
    assert {"snipersight.risk.gate", "snipersight.risk.exposure.checks"} <= hashed


def test_another_text_gives_another_hash(monkeypatch):
    before = code_hash()
    assert (len(before), code_hash()) == (16, before)
    code_hash.cache_clear()
    held, changed = module._source, "snipersight.risk.policy"
    monkeypatch.setattr(module, "_source", lambda name: held(name) + "\n" * (name == changed))
    try:
        assert code_hash() != before
    finally:
        code_hash.cache_clear()
