"""The engine: a core that only decides, and the shells that feed it and carry its commands out."""
