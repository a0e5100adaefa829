"""What Binance's spot and futures protocols have in common."""
