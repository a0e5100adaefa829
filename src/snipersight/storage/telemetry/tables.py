"""The tables of telemetry. Event times are microseconds, all others milliseconds, UTC."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
    true,
)
from sqlalchemy.dialects import postgresql

from snipersight.storage.metadata import METADATA
from snipersight.storage.migrating import Schema

_TABLES: Final = MetaData(naming_convention=METADATA.naming_convention)
_SEQ: Final = BigInteger().with_variant(Integer(), "sqlite")  # what SQLite counts by itself
# Compared byte by byte on either database, whatever the language of a server.
_KEY: Final = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

EVENT: Final = Table(
    "event",
    _TABLES,
    Column("seq", _SEQ, primary_key=True, autoincrement=True),
    Column("event_type", Text, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("key", Text, unique=True),  # NULL: nobody tells it again
    Column("body", Text, nullable=False),
)

EXPORTER: Final = Table(
    "exporter",
    _TABLES,
    Column("name", Text, primary_key=True),
    Column("cursor", BigInteger, nullable=False, server_default=text("0")),
    Column("owner", Text, nullable=False, server_default=""),
    Column("until_us", BigInteger, nullable=False, server_default=text("0")),
)

# What many signals share, once for each combination: statistics over all of them read a number
# instead of sixteen texts. The number is made of the texts, so whoever stores first is right.
SIGNAL_GROUP: Final = Table(
    "signal_group",
    _TABLES,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_hash", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("market", Text, nullable=False),
    Column("timeframe", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("trade_type", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tier", Text, nullable=False),
    Column("regime", Text, nullable=False),
    Column("leader", Text, nullable=False),
    Column("session", Text, nullable=False),
)

# Outcomes that may still change or that money depends on. A query that says it in these very
# words finds the index of them.
FOLLOWED: Final = "(status IN ('waiting', 'open') OR kind = 'actual')"

SIGNAL: Final = Table(
    "signal",
    _TABLES,
    Column("key", _KEY, primary_key=True),
    Column("group_id", BigInteger, nullable=False),
    Column("decided_ms", BigInteger, nullable=False),
    Column("score", Double, nullable=False),
    Column("risk_reward", Double, nullable=False),
    Column("is_approved", Boolean, nullable=False),
    # Its modelled outcome is not final: whoever follows signals finds them without reading all.
    Column("is_unfinished", Boolean, nullable=False, server_default=true()),
    Column("judged_ms", BigInteger, nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("setup_id", Text, nullable=False),
    Column("context_id", Text, nullable=False),
    Column("factors", Text, nullable=False),
    Index("ix_signal_decided_ms_key", "decided_ms", "key"),
    Index(
        "ix_signal_unfinished",
        "decided_ms",
        "key",
        sqlite_where=text("is_unfinished = 1"),
        postgresql_where=text("is_unfinished"),
    ),
    # Those that live, best first: a ranked page reads no more of them than it shows.
    Index(
        "ix_signal_living",
        "score",
        "key",
        sqlite_where=text("is_unfinished = 1 AND is_approved = 1"),
        postgresql_where=text("is_unfinished AND is_approved"),
    ),
)

# Long texts stand apart: reading the columns above must not lead past them.
SIGNAL_TEXT: Final = Table(
    "signal_text",
    _TABLES,
    Column("key", _KEY, primary_key=True),
    Column("terms", Text, nullable=False),
    Column("plan", Text, nullable=False),
)

OUTCOME: Final = Table(
    "outcome",
    _TABLES,
    Column("key", _KEY, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("ending", Text, nullable=False),
    Column("followed_to_ms", BigInteger, nullable=False),
    Column("resolution_ms", BigInteger, nullable=False),
    Column("entered_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger, nullable=False),
    Column("filled_fraction", Double, nullable=False),
    Column("targets_hit", BigInteger, nullable=False),
    Column("gross_r", Double, nullable=False),
    Column("fees_r", Double, nullable=False),
    Column("slippage_r", Double, nullable=False),
    Column("funding_r", Double, nullable=False),
    Column("net_r", Double, nullable=False),
    Column("mae_r", Double, nullable=False),
    Column("mfe_r", Double, nullable=False),
    Column("is_ambiguous", Boolean, nullable=False),
    Column("missing_bars", BigInteger, nullable=False),
    Column("planned_r", Double, nullable=False),
    Column("note", Text, nullable=False),
    Index(
        "ix_outcome_followed",
        "kind",
        "status",
        "key",
        "followed_to_ms",
        sqlite_where=text(FOLLOWED),
        postgresql_where=text(FOLLOWED),
    ),
)

# The above once more, thousands of signals together: see `blocks`. Triggers keep it true.
SIGNAL_BLOCK: Final = Table(
    "signal_block",
    _TABLES,
    Column("from_ms", _SEQ, primary_key=True, autoincrement=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

SCAN_COUNT: Final = Table(
    "scan_count",
    _TABLES,
    Column("context_id", _KEY, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("venue", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("symbols", BigInteger, nullable=False),
    Column("funnel", Text, nullable=False),
    Index("ix_scan_count_at_ms", "at_ms"),
)

TELEMETRY: Final = Schema(
    head="0003",
    tables=_TABLES,
    steps="snipersight.storage.telemetry:versions",
    version_table="snipersight_telemetry_version",
)
