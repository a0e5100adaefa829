"""Where the audit's key, its head outside the database, and its archives lie."""

from __future__ import annotations

from pathlib import Path

from snipersight.bootstrap.settings import Settings


def audit_key_file(settings: Settings) -> Path:
    """Return `AUDIT_KEY_FILE`, or the file in the home folder; it may be absent."""
    return settings.audit_key_file or settings.snipersight_home / "keys" / "audit.key"


def audit_head_file(settings: Settings) -> Path:
    """Return `AUDIT_HEAD_FILE`, or the file in the home folder; it may be absent."""
    return settings.audit_head_file or settings.snipersight_home / "keys" / "audit-head.json"


def archive_folder(settings: Settings) -> Path:
    """Return the folder of pruned audit records; it may be absent."""
    return settings.snipersight_home / "archive"
