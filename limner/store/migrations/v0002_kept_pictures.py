"""Kept pictures and the turns that made them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table of kept pictures."""
    sorted_id = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.create_table(
        "pictures",
        sa.Column("picture_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("parent_id", sorted_id),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("snapshot", sa.String(255), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("width", sa.BigInteger, nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("is_ready", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("picture_id", name="pk_pictures"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_pictures_project_id"),
    )
    op.create_index("ix_pictures_project_id_picture_id", "pictures", ["project_id", "picture_id"])
    op.create_index("ix_pictures_expires_at", "pictures", ["expires_at"])
