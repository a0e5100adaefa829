"""Many backtests over values of a profile: which ones, on which processes, and what they show."""
