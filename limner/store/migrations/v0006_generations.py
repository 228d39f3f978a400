"""Queued generations, webhook endpoints, and what is delivered to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    sorted_id = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    _create_generations(sorted_id)
    op.create_table(
        "webhook_endpoints",
        sa.Column("endpoint_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("old_secret", sa.String(64)),
        sa.Column("old_secret_until", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("gone_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("endpoint_id", name="pk_webhook_endpoints"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_webhook_endpoints_project_id"),
    )
    op.create_index("ix_webhook_endpoints_project_id_endpoint_id", "webhook_endpoints", ["project_id", "endpoint_id"])
    _create_deliveries(sorted_id)


def _create_generations(sorted_id: sa.String) -> None:
    op.create_table(
        "generations",
        sa.Column("generation_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("model_name", sa.String(255), nullable=False),
        sa.Column("target_namespace", sa.String(255)),
        sa.Column("target_repo", sa.String(255)),
        sa.Column("target_directory", sa.String(255)),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("inputs_id", sorted_id),
        sa.Column("picture_id", sorted_id, nullable=False),
        sa.Column("link_key", sa.String(64), nullable=False),
        sa.Column("enqueued_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("is_ready", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", name="pk_generations"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_generations_project_id"),
    )
    op.create_index("ix_generations_project_id_generation_id", "generations", ["project_id", "generation_id"])
    op.create_index("ix_generations_expires_at", "generations", ["expires_at"])


def _create_deliveries(sorted_id: sa.String) -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sorted_id, nullable=False),
        sa.Column("endpoint_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("event_id", sorted_id, nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("object_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("last_answer", sa.String(64)),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoints.endpoint_id"], name="fk_deliveries_endpoint_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_deliveries_project_id"),
        sa.UniqueConstraint("endpoint_id", "event_type", "object_id", name="uq_deliveries_endpoint_id_event_type_object_id"),
    )
    op.create_index("ix_deliveries_project_id", "deliveries", ["project_id"])
    op.create_index("ix_deliveries_expires_at", "deliveries", ["expires_at"])
