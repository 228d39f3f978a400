"""Deployments: names that stand for snapshots, in versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the table."""
    sorted_id = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.create_table(
        "deployments",
        sa.Column("version_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64)),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.BigInteger),
        sa.Column("is_current", sa.Boolean, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("version_id", name="pk_deployments"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_deployments_project_id"),
        sa.UniqueConstraint("project_id", "name", "version", name="uq_deployments_project_id_name_version"),
    )
    is_the_server_s = sa.text("project_id IS NULL")
    op.create_index(
        "uq_deployments_name_version",
        "deployments",
        ["name", "version"],
        unique=True,
        sqlite_where=is_the_server_s,
        postgresql_where=is_the_server_s,
    )
