"""The dashboard: what is served to browsers and programs. Nothing heavy is imported until it is."""
