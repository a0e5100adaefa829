"""Examples under the help of the program and of its groups of commands."""

from __future__ import annotations

from typing import Final

_HEAD: Final = "\n[bold]Examples[/bold]\n\n"

PROGRAM: Final = f"""{_HEAD}  snipersight scan --symbols top40
  snipersight init
  snipersight run --exchange binanceusdm --symbols top50 --notify
"""
GROUP_EXAMPLES: Final = {
    "risk": f"""{_HEAD}  snipersight risk status
  snipersight risk limits
  snipersight risk halt --reason "news at eight"
""",
    "audit": f"""{_HEAD}  snipersight audit list
  snipersight audit show 75dad195
  snipersight audit verify
""",
    "data": f"""{_HEAD}  snipersight data import BTCUSDT-1h.csv --out ./candles --symbol BTC/USDT
  snipersight data check ./candles
""",
    "notify": f"{_HEAD}  snipersight notify test\n  snipersight notify queue\n",
    "db": f"""{_HEAD}  snipersight db check
  snipersight db backup /media/stick/snipersight.db
""",
    "sandbox": f"{_HEAD}  snipersight sandbox exchange\n  snipersight sandbox telegram\n",
}
