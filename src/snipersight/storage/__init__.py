"""Where state lives: the home folder, and later the database."""

from snipersight.storage.home import Home

__all__ = ["Home"]
