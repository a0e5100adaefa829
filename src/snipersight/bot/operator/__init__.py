"""The bot people talk to: what they write and press, who they are, and what they are answered."""
