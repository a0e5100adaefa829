"""Where candles, instruments and currency rates come from: files, exchanges, their local copy."""
