"""The tables. Integer keys inside, a UUIDv7 and a readable number only on what people and other systems name."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from mes.store.columns import ExactDecimal, UtcTime
from mes.store.dialect import ROWID_OF_EDGES

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CELL = Table(
    "cell",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("until", UtcTime),
    Column("exec_high", BigInteger, nullable=False),
)
"""One row per process cell: who drives it until when (wall time), the fencing number, the highest execution id."""

BATCH = Table(
    "batch",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("batch_no", Text, nullable=False, unique=True),
    Column("cell", Text, nullable=False),
    Column("key", Text, unique=True),
    Column("recipe_id", Text, nullable=False),
    Column("recipe_version", Text, nullable=False),
    Column("recipe_sha256", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("size", ExactDecimal, nullable=False),
    Column("size_uom", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("waiting", Text, nullable=False),
    Column("waits", JSON, nullable=False, server_default="[]"),
    Column("queued", Boolean, nullable=False, server_default=false()),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("queue_rank", ExactDecimal, nullable=False, server_default="0"),
    Column("start_after", Text, nullable=False, server_default=""),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
)
"""One row per batch: what lists show, `waits` as data and `waiting` in words.

The batch itself is the fold of its facts in the journal.
"""

OF_UNITS = text("event IN ('UnitChange', 'Deallocation')")
"""The entries that tell how a unit is; a query must say it in these words to use their index."""

JOURNAL = Table(
    "journal",
    METADATA,
    Column("cell", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("batch_id", ForeignKey(BATCH.c.id)),
    Column("event", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("cell", "seq"),
    Index(None, "batch_id", "seq"),
    Index("ix_journal_cell_seq_of_units", "cell", "seq", sqlite_where=OF_UNITS, postgresql_where=OF_UNITS),
)
"""The append-only record, one hash chain per cell; what is known of a unit is found without reading all of it."""

LOT = Table(
    "lot",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("uid", Text, nullable=False, unique=True),
    Column("lot_no", Text, nullable=False, unique=True),
    Column("material", Text, nullable=False, index=True),
    Column("made", ExactDecimal, nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("uom", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("assay", ExactDecimal, nullable=False),
    Column("mass_g", ExactDecimal),
    Column("supplier", Text, nullable=False),
    Column("supplier_lot", Text, nullable=False),
    Column("batch_id", ForeignKey(BATCH.c.id), index=True),
    Column("made_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime),
    Column("properties", JSON, nullable=False),
)
"""One row per lot: `made` is what was received or produced, `quantity` what is left of it, both in `uom`."""

EDGE = Table(
    "edge",
    METADATA,
    Column("parent", ForeignKey(LOT.c.id), nullable=False),
    Column("child", ForeignKey(LOT.c.id), nullable=False),
    Column("quantity", ExactDecimal, nullable=False),
    Column("uom", Text, nullable=False),
    PrimaryKeyConstraint("parent", "child"),
    Index(None, "child", "parent"),
    sqlite_with_rowid=ROWID_OF_EDGES,
)
"""The genealogy: how much of the parent lot (in the parent's unit of measure) is in the child lot."""

COMMAND = Table(
    "command",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("cell", Text, nullable=False, server_default=""),
    Column("batch_id", ForeignKey(BATCH.c.id)),
    Column("verb", Text, nullable=False),
    Column("arguments", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("status", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("settled_at", UtcTime),
    Index(None, "status", "id"),
)
"""What people asked for, through any door: pending until an engine settles it. `key` is the idempotency key.

A command for a unit of the cell has no batch.
"""

PHASE_REQUEST = Table(
    "phase_request",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("cell", Text, nullable=False),
    Column("batch_id", ForeignKey(BATCH.c.id), nullable=False),
    Column("path", Text, nullable=False),
    Column("plc", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("exec_id", BigInteger, nullable=False),
    Column("command", Integer, nullable=False),
    Column("phase_number", Integer, nullable=False),
    Column("boot_id", BigInteger, nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("result", Integer),
    Column("why", Text, nullable=False),
    Column("settled_at", UtcTime),
    Index(None, "plc", "slot", "epoch", "seq"),
    Index(None, "cell", "settled_at"),
)
"""What was going to be written to a PLC, durable before it was; `settled_at` is empty while the answer is not known."""
