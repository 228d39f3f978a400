"""Work that outlives the process, and batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    sorted_id = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.create_table(
        "work",
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("job_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("priority", sa.BigInteger, nullable=False),
        sa.Column("enqueued_us", sa.BigInteger, nullable=False),
        sa.Column("due_us", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("worker", sa.String(64)),
        sa.PrimaryKeyConstraint("kind", "job_id", name="pk_work"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_work_project_id"),
    )
    op.create_index("ix_work_project_id", "work", ["project_id"])
    op.create_index("ix_work_kind_due_us", "work", ["kind", "due_us"])
    _create_batches(sorted_id)
    for name in ("batch_requests", "batch_pictures", "cost_nanousd"):
        op.add_column("usage", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))


def _create_batches(sorted_id: sa.types.TypeEngine[str]) -> None:
    counts = ("total", "completed", "failed", "input_tokens", "output_tokens", "cost_nanousd")
    times = ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
    op.create_table(
        "batches",
        sa.Column("batch_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("endpoint", sa.String(64), nullable=False),
        sa.Column("input_file_id", sorted_id, nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("errors", sa.Text, nullable=False, server_default=""),
        sa.Column("model", sa.String(255)),
        sa.Column("output_file_id", sorted_id),
        sa.Column("error_file_id", sorted_id),
        *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in counts),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        *(sa.Column(f"{name}_at", sa.BigInteger) for name in times),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batches"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_batches_project_id"),
    )
    op.create_index("ix_batches_project_id_batch_id", "batches", ["project_id", "batch_id"])
    op.create_table(
        "batch_lines",
        sa.Column("batch_id", sorted_id, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger),
        sa.Column("is_failed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "line", name="pk_batch_lines"),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.batch_id"], name="fk_batch_lines_batch_id"),
    )
