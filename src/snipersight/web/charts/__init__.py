"""What the dashboard's charts are told to draw: pure functions from views to options."""
