"""What speaks and acts on the trader's behalf: telemetry now, notifications and execution later."""
