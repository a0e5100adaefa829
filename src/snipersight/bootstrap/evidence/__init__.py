"""Evidence of a command: what a scan leaves, what became of it, what real orders did of it."""
