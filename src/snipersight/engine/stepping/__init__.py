"""One market stepped through close by close: what was known when."""
