"""Who may use the dashboard: tokens, and the browsers that were let in with one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, text

from snipersight.storage.metadata import METADATA

# The secret itself is nowhere: what is shown is compared with its digest.
ACCESS_TOKEN = Table(
    "access_token",
    METADATA,
    Column("token_id", String(16), primary_key=True),
    Column("name", String(32), nullable=False),
    Column("scope", String(8), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("expires_us", BigInteger),
    Column("revoked_us", BigInteger),
)
# The audit names callers by their token's name: no two that are in use may share one.
Index(
    "uq_access_token_live_name",
    ACCESS_TOKEN.c.name,
    unique=True,
    sqlite_where=text("revoked_us IS NULL"),
    postgresql_where=text("revoked_us IS NULL"),
)

LOGIN = Table(
    "login",
    METADATA,
    Column("digest", String(64), primary_key=True),  # of what the browser's cookie holds
    Column("token_id", String(16), ForeignKey("access_token.token_id"), nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
)
Index("ix_login_expires", LOGIN.c.expires_us)
