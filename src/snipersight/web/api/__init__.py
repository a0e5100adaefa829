"""The dashboard's API for programs: what pages show as JSON, a stream of changes, and commands."""
