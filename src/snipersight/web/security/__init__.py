"""Who may reach the dashboard, and what they may do there."""
