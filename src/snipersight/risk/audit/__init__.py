"""The audit: its chain, what records hold, verification and replay."""
