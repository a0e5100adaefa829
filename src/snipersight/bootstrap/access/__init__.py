"""Tokens, logins and commands of those who use the dashboard."""
