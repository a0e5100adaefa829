"""JSON schemas of what the commands write."""
