"""What metrics read: telemetry's store, the accounts, the outbox."""
