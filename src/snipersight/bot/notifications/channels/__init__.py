"""The ways out: Telegram's requests, webhooks, Apprise, plug-ins."""
