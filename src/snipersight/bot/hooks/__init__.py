"""Plug-ins: told what happens, each in a process of its own that can harm nothing but itself.

A package offers one under the entry-point group `snipersight.hooks` and marks its functions with
`hookimpl`; docs/plugins.md says which there are. Nothing is loaded that HOOKS does not name.
"""

from snipersight.bot.hooks.spec import GROUP, SCHEMA, hookimpl

__all__ = ["GROUP", "SCHEMA", "hookimpl"]
