"""JSON schemas of what notifications carry."""
