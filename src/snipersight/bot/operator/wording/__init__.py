"""What the bot answers, in Markdown: short, for a phone, every inserted text escaped."""
