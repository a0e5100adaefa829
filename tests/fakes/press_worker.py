"""A person's press in a process of its own, which shares nothing but the store.

usage: python -m tests.fakes.press_worker ACCOUNT PLAN_ID KIND NAME

It says `ready`, waits for a line, stores the press, and says whether it was the first.
"""

from __future__ import annotations

import sys

from snipersight.bootstrap.books import open_books
from snipersight.bootstrap.operating.records import note_command
from snipersight.bootstrap.settings import load_settings
from snipersight.bootstrap.store import system_us
from snipersight.domain.commands import Command, CommandKind


def press(account_id: str, plan_id: str, kind: str, name: str) -> bool:
    """Store a press once a line was read, and return whether it was the first."""
    with open_books(load_settings()[0], account_id=account_id) as books:
        print("ready", flush=True)
        sys.stdin.readline()
        said = Command(
            key=f"press of {name}",
            kind=CommandKind(kind),
            account_id=account_id,
            subject=plan_id,
            actor=f"telegram:{name}",
            name=name,
            at_us=system_us(),
        )
        return note_command(books.store.decisions, said, clock=system_us).is_first


if __name__ == "__main__":
    print("first" if press(*sys.argv[1:]) else "late", flush=True)
