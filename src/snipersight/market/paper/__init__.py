"""The simulated venue of paper trading: our matching engine, fed with a source's candles."""
