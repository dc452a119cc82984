"""The batch queue and waits in the lists, commands for units, and a short way to what is known of each unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the first version forward; what is in the books stays as it is."""
    _queue()
    _commands_for_units()
    op.create_index(
        "ix_journal_cell_seq_of_units",
        "journal",
        ["cell", "seq"],
        sqlite_where=sa.text("event IN ('UnitChange', 'Deallocation')"),
        postgresql_where=sa.text("event IN ('UnitChange', 'Deallocation')"),
    )


def _queue() -> None:
    for column in (
        sa.Column("queued", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("queue_rank", sa.Text(), nullable=False, server_default="0"),
        sa.Column("start_after", sa.Text(), nullable=False, server_default=""),
        sa.Column("waits", sa.JSON(), nullable=False, server_default="[]"),
    ):
        op.add_column("batch", column)


def _commands_for_units() -> None:
    op.add_column("command", sa.Column("cell", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE command SET cell = (SELECT cell FROM batch WHERE batch.id = command.batch_id)")
    with op.batch_alter_table("command") as command:
        command.alter_column("batch_id", existing_type=sa.Integer(), nullable=True)
