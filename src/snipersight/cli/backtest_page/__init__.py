"""The page that `snipersight backtest --report` writes: what an account lived through, and why."""
