"""The first schema: cell, batch, journal, lot, edge, command, phase request."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from mes.store.dialect import ROWID_OF_EDGES, append_only

revision = "0001"
down_revision = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _large(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    """Make every table of the first version."""
    _batches_and_journal()
    _lots()
    _commands_and_requests()
    for statement in append_only(op.get_bind().dialect.name, "journal", ("cell", "seq")):
        op.execute(statement)


def _batches_and_journal() -> None:
    op.create_table(
        "cell",
        _text("name"),
        _text("owner"),
        _large("epoch"),
        _time("until", nullable=True),
        _large("exec_high"),
        sa.PrimaryKeyConstraint("name", name="pk_cell"),
    )
    op.create_table(
        "batch",
        _whole("id"),
        _text("uid"),
        _text("batch_no"),
        _text("cell"),
        _text("key", nullable=True),
        _text("recipe_id"),
        _text("recipe_version"),
        _text("recipe_sha256"),
        _text("product"),
        _text("size"),
        _text("size_uom"),
        _text("state"),
        _text("activity"),
        _text("waiting"),
        _time("created_at"),
        _time("started_at", nullable=True),
        _time("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sa.UniqueConstraint("uid", name="uq_batch_uid"),
        sa.UniqueConstraint("batch_no", name="uq_batch_batch_no"),
        sa.UniqueConstraint("key", name="uq_batch_key"),
    )
    op.create_table(
        "journal",
        _text("cell"),
        _large("seq"),
        _time("at"),
        _whole("batch_id", nullable=True),
        _text("event"),
        _text("word"),
        _text("path"),
        _text("body"),
        _text("prev_hash"),
        _text("hash"),
        sa.PrimaryKeyConstraint("cell", "seq", name="pk_journal"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_journal_batch_id_batch"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_journal_batch_id_seq", "journal", ["batch_id", "seq"])


def _lots() -> None:
    op.create_table(
        "lot",
        _whole("id"),
        _text("uid"),
        _text("lot_no"),
        _text("material"),
        _text("made"),
        _text("quantity"),
        _text("uom"),
        _text("status"),
        _text("assay"),
        _text("mass_g", nullable=True),
        _text("supplier"),
        _text("supplier_lot"),
        _whole("batch_id", nullable=True),
        _time("made_at"),
        _time("expires_at", nullable=True),
        _json("properties"),
        sa.PrimaryKeyConstraint("id", name="pk_lot"),
        sa.UniqueConstraint("uid", name="uq_lot_uid"),
        sa.UniqueConstraint("lot_no", name="uq_lot_lot_no"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_lot_batch_id_batch"),
    )
    op.create_index("ix_lot_material", "lot", ["material"])
    op.create_index("ix_lot_batch_id", "lot", ["batch_id"])
    op.create_table(
        "edge",
        _whole("parent"),
        _whole("child"),
        _text("quantity"),
        _text("uom"),
        sa.PrimaryKeyConstraint("parent", "child", name="pk_edge"),
        sa.ForeignKeyConstraint(["parent"], ["lot.id"], name="fk_edge_parent_lot"),
        sa.ForeignKeyConstraint(["child"], ["lot.id"], name="fk_edge_child_lot"),
        sqlite_with_rowid=ROWID_OF_EDGES,
    )
    op.create_index("ix_edge_child_parent", "edge", ["child", "parent"])


def _commands_and_requests() -> None:
    op.create_table(
        "command",
        _whole("id"),
        _text("key"),
        _whole("batch_id"),
        _text("verb"),
        _json("arguments"),
        _text("by"),
        _text("because"),
        _time("at"),
        _text("status"),
        _text("message"),
        _time("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_command"),
        sa.UniqueConstraint("key", name="uq_command_key"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_command_batch_id_batch"),
    )
    op.create_index("ix_command_status_id", "command", ["status", "id"])
    op.create_table(
        "phase_request",
        _whole("id"),
        _text("cell"),
        _whole("batch_id"),
        _text("path"),
        _text("plc"),
        _text("slot"),
        _large("seq"),
        _large("epoch"),
        _large("exec_id"),
        _whole("command"),
        _whole("phase_number"),
        _large("boot_id"),
        _json("parameters"),
        _time("at"),
        _whole("result", nullable=True),
        _text("why"),
        _time("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_phase_request"),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_phase_request_batch_id_batch"),
    )
    op.create_index("ix_phase_request_plc_slot_epoch_seq", "phase_request", ["plc", "slot", "epoch", "seq"])
    op.create_index("ix_phase_request_cell_settled_at", "phase_request", ["cell", "settled_at"])
