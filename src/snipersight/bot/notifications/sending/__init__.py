"""From the outbox to the channels: fan-out, limits, patience, order."""
