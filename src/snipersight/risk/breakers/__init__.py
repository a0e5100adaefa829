"""What stops entries: marked equity, losses, streaks, cooldowns and the trading state."""
