"""Responses, conversations, their items and what came with them; and for which response a kept picture was drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
ID = sa.String(64)
SORTED_ID = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("pictures", sa.Column("owner_id", SORTED_ID))
    op.create_index("ix_pictures_owner_id", "pictures", ["owner_id"])
    _create_responses()
    _create_conversations()
    op.create_table(
        "items",
        sa.Column("owner_id", SORTED_ID, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("item_id", SORTED_ID, nullable=False),
        sa.Column("is_output", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "position", name="pk_items"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_items_project_id"),
    )
    op.create_index("ix_items_project_id_item_id", "items", ["project_id", "item_id"])
    op.create_table(
        "attachments",
        sa.Column("attachment_id", SORTED_ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("owner_id", SORTED_ID, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("is_ready", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_attachments_project_id"),
    )
    _index("attachments", "project_id", "owner_id", "expires_at")


def _create_responses() -> None:
    op.create_table(
        "responses",
        sa.Column("response_id", SORTED_ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("previous_id", SORTED_ID),
        sa.Column("conversation_id", SORTED_ID),
        sa.Column("status", ID, nullable=False),
        sa.Column("is_background", sa.Boolean, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("completed_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("response_id", name="pk_responses"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_responses_project_id"),
    )
    _index("responses", "project_id", "conversation_id", "expires_at")


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", SORTED_ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_conversations"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_conversations_project_id"),
    )
    _index("conversations", "project_id", "expires_at")


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])
