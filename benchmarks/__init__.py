"""Measurements: each bench_WORD.py runs with `python3 dev.py bench WORD`."""
