"""`snipersight scan`: find setups, plan and size each trade, show plans and refusals."""

from __future__ import annotations

from snipersight.cli import options
from snipersight.cli.exits import ExitCode
from snipersight.cli.guard import reported

EXAMPLES = """
[bold]Examples[/bold]

  snipersight scan
  snipersight scan --symbols BTC/USDT,ETH/USDT --profile swing
  snipersight scan --exchange binanceusdm --symbols top50 --top 5
  snipersight scan --data ./candles --as-of 2024-06-07 --charts ./pictures
  snipersight scan --exchange binanceusdm --no-notify
  snipersight scan --execute --mode paper
  snipersight scan --format json | jq '.plans\\[].symbol'
"""


@reported
def scan(
    *,
    profile: options.ProfileName = "balanced",
    symbols: options.Symbols = "top20",
    as_of: options.AsOf = None,
    exchange: options.Exchange = None,
    data: options.DataFolder = None,
    market: options.Market = False,
    seed: options.Seed = None,
    instruments: options.Instruments = None,
    balance: options.Balance = None,
    risk: options.Risk = None,
    top: options.Top = None,
    output_format: options.ScanFormat = options.ReportFormat.TABLE,
    charts: options.Charts = None,
    theme: options.ChartTheme = options.ThemeName.DARK,
    notify: options.Notify = None,
    execute: options.Execute = False,
    mode: options.ExecutionMode = options.ModeName.DRY_RUN,
    confirm: options.Confirm = None,
    unproven: options.Unproven = None,
    follow: options.Follow = None,
    account: options.ScanAccount = None,
    workers: options.Workers = 1,
    env: options.EnvFile = None,
    debug: options.Debug = False,
) -> ExitCode:
    """Scan the market and show ranked, sized trade plans, and why everything else was refused.

    Without options it reads the 20 most traded symbols of the built-in
    market, which needs no account and no network. Only closed candles
    count, and nothing later than --as-of. With --execute, the plans that
    are shown are executed too: written down, unless --mode says otherwise.
    """
    from snipersight.bootstrap.sources import SourceChoice
    from snipersight.cli.scan_executing import ExecuteWords, require_execute
    from snipersight.cli.scanning import ScanOptions, perform_scan

    if not execute:
        require_execute(mode=mode.value, confirm=confirm, follow=follow, unproven=unproven)
    return perform_scan(
        ScanOptions(
            source=SourceChoice(
                exchange=exchange, data=data, instruments=instruments, is_market=market, seed=seed
            ),
            profile=profile,
            symbols=symbols,
            as_of=as_of,
            balance=balance,
            risk=risk,
            workers=workers,
            env_file=env,
            notify=notify,
            account=account,
        ),
        top=top,
        output_format=output_format,
        charts=charts,
        theme=theme,
        execution=(
            ExecuteWords(mode=mode.value, confirm=confirm, follow=follow, unproven=unproven)
            if execute
            else None
        ),
    )
