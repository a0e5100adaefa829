"""What `snipersight orders` does once its words are understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from snipersight.bootstrap.trade_views import trades_of, views_of
from snipersight.cli.account_opening import open_account
from snipersight.cli.console import output
from snipersight.cli.exits import ExitCode
from snipersight.cli.order_views import order_json, print_orders, shown_orders

SCHEMA: Final = "snipersight.orders/1"


def show_orders(
    env_file: Path | None, *, account: str | None, everything: bool, limit: int, as_json: bool
) -> ExitCode:
    """Print an account's orders, open ones unless all are wanted."""
    with open_account(env_file, account=account) as (books, _settings):
        name = books.ports.account_id
        views = books.ports.store.view(
            name,
            lambda unit: views_of(
                unit, trades_of(unit, everything=everything, limit=limit), {}, {}
            ),
        )
    rows = shown_orders(views, everything=everything)
    if as_json:
        values = {
            "schema": SCHEMA,
            "account": name,
            "orders": [order_json(view, intent) for view, intent in rows],
        }
        print(json.dumps(values, indent=2, ensure_ascii=False))
    elif rows:
        print_orders(rows, output())
    else:
        print(f"Account {name} has no {'order' if everything else 'open order'} of ours.")
    return ExitCode.OK
