"""What the dashboard shows, read from the store alone: it works while the engine does not."""
