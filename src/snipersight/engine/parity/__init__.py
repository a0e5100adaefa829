"""Whether a backtest and the run come to the same: facts of both, side by side."""
