"""The tables. Times are microseconds UTC, exact numbers are decimal text, bodies canonical JSON."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from snipersight.storage.access_tables import ACCESS_TOKEN, LOGIN
from snipersight.storage.metadata import METADATA
from snipersight.storage.trade_tables import FILL, FUNDING, INTENT, KILL_SWITCH, TRADE

__all__ = [
    "ACCESS_TOKEN",
    "ACCOUNT",
    "AUDIT",
    "CHECKPOINT",
    "FILL",
    "FUNDING",
    "INTENT",
    "KEY_VALUE",
    "KILL_SWITCH",
    "LEASE",
    "LEDGER",
    "LOGIN",
    "METADATA",
    "MOVED_CHAT",
    "QUEUE",
    "SEND_ATTEMPT",
    "SENT_MESSAGE",
    "STOPPED_LANE",
    "TRADE",
]

# One row an account; whoever changes its ledger or its chain locks it first.
ACCOUNT = Table(
    "account",
    METADATA,
    Column("account_id", String(64), primary_key=True),
    Column("currency", String(10), nullable=False),
    Column("standing", Text, nullable=False),
    Column("last_us", BigInteger, nullable=False),
    Column("policy_hash", String(64), nullable=False, server_default=""),
    Column("ledger_revision", BigInteger, nullable=False, server_default=text("0")),
    Column("head_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("head_hash", String(64), nullable=False),
    # Records up to here were archived; the chain in the table begins after them.
    Column("base_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("base_hash", String(64), nullable=False),
)

LEDGER = Table(
    "ledger",
    METADATA,
    Column("entry_id", String(64), primary_key=True),
    Column("account_id", String(64), ForeignKey("account.account_id"), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("is_live", Boolean, nullable=False),
    Column("plan_id", String(64)),
    Column("setup_id", String(64)),
    Column("venue", String(32), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("market", String(16), nullable=False),
    Column("underlying", String(32), nullable=False),
    Column("direction", String(8), nullable=False),
    Column("pending_size", Text, nullable=False),
    Column("open_size", Text, nullable=False),
    Column("entry_price", Text, nullable=False),
    Column("fill_price", Text),
    Column("stop_price", Text, nullable=False),
    Column("cost_per_unit", Text, nullable=False),
    Column("leverage", Text, nullable=False),
    Column("quote_rate", Text, nullable=False),
    Column("reserved_us", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("opened_us", BigInteger),
    Column("ended_us", BigInteger),
    Column("unprotected_since_us", BigInteger),
    Column("realised", Text, nullable=False),
)
Index("ix_ledger_live", LEDGER.c.account_id, LEDGER.c.is_live)
Index("ix_ledger_plan", LEDGER.c.account_id, LEDGER.c.plan_id)
# Two processes may race for one setup: the second insert fails, whatever it believed.
Index(
    "uq_ledger_live_setup",
    LEDGER.c.account_id,
    LEDGER.c.setup_id,
    unique=True,
    sqlite_where=text("is_live = 1 AND setup_id IS NOT NULL"),
    postgresql_where=text("is_live AND setup_id IS NOT NULL"),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("account_id", String(64), ForeignKey("account.account_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_us", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_audit_subject", AUDIT.c.subject)

CHECKPOINT = Table(
    "audit_checkpoint",
    METADATA,
    Column("account_id", String(64), ForeignKey("account.account_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
)

QUEUE = Table(
    "queue",
    METADATA,
    Column("item_id", Integer, primary_key=True, autoincrement=True),
    Column("topic", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("lane", String(64), nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default=text("0")),
    Column("payload", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("available_us", BigInteger, nullable=False),
    Column("created_us", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("owner", String(64)),
    Column("claimed_until_us", BigInteger),
    Column("last_error", Text),
    # An attempt ended without an answer: what it sent may have arrived. Never taken back.
    Column("is_ambiguous", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("topic", "key"),
)
Index("ix_queue_due", QUEUE.c.topic, QUEUE.c.state, QUEUE.c.available_us)
# Finds the head of each chat's lane however long the lanes are; what is finished is not in it.
_WAITING = "state IN ('pending', 'claimed')"
Index(
    "ix_queue_lane",
    QUEUE.c.topic,
    QUEUE.c.lane,
    QUEUE.c.priority,
    QUEUE.c.item_id,
    sqlite_where=text(_WAITING),
    postgresql_where=text(_WAITING),
)
_CLAIMED = "state = 'claimed'"
Index(
    "ix_queue_claimed",
    QUEUE.c.topic,
    QUEUE.c.lane,
    sqlite_where=text(_CLAIMED),
    postgresql_where=text(_CLAIMED),
)

# Every attempt to deliver, stored before its request leaves: what rate limits are counted by.
SEND_ATTEMPT = Table(
    "send_attempt",
    METADATA,
    Column("item_id", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("channel", String(16), nullable=False),
    Column("address", String(256), nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),  # none: what became of it is not known
)
Index("ix_send_attempt_at", SEND_ATTEMPT.c.at_us)

# The first message of a thread in a chat: what the later ones reply to.
SENT_MESSAGE = Table(
    "sent_message",
    METADATA,
    Column("thread", String(256), primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("address", String(256), primary_key=True),
    Column("message_id", String(256), nullable=False),
    Column("at_us", BigInteger, nullable=False),
)
Index("ix_sent_message_at", SENT_MESSAGE.c.at_us)

# Chats, and with an empty address channels, that take nothing until a person has looked.
STOPPED_LANE = Table(
    "stopped_lane",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("address", String(256), primary_key=True),
    Column("lane", String(64), nullable=False),  # of the chat; the beginning of a channel's lanes
    Column("error", Text, nullable=False),
    Column("since_us", BigInteger, nullable=False),
)

MOVED_CHAT = Table(
    "moved_chat",
    METADATA,
    Column("channel", String(16), primary_key=True),
    Column("address", String(256), primary_key=True),
    Column("new_address", String(256), nullable=False),
    Column("at_us", BigInteger, nullable=False),
)

LEASE = Table(
    "lease",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_us", BigInteger, nullable=False),
)

KEY_VALUE = Table(
    "key_value",
    METADATA,
    Column("key", String(256), primary_key=True),
    Column("value", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("expires_us", BigInteger),
    Column("changed_us", BigInteger, nullable=False),
)
Index("ix_key_value_expires", KEY_VALUE.c.expires_us)
