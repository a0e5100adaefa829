"""Pure functions of closed candles: indicators, structure, zones, regime, confluence."""
