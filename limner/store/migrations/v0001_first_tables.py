"""Projects, API keys, files, results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "projects",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("project_id", name="pk_projects"),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("revoked_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("key_id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_api_keys_project_id"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.CheckConstraint("role IN ('member', 'admin')", name="ck_api_keys_role"),
    )
    op.create_index("ix_api_keys_project_id", "api_keys", ["project_id"])
    _create_contents()


def _create_contents() -> None:
    """Make the tables whose content lies in blobs."""
    op.create_table(
        "files",
        sa.Column("file_id", sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql"), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("is_ready", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_files"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_files_project_id"),
    )
    op.create_index("ix_files_project_id_file_id", "files", ["project_id", "file_id"])
    op.create_index("ix_files_expires_at", "files", ["expires_at"])
    op.create_table(
        "results",
        sa.Column("result_id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("token_digest", sa.String(64), nullable=False),
        sa.Column("media_type", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("result_id", name="pk_results"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_results_project_id"),
        sa.UniqueConstraint("token_digest", name="uq_results_token_digest"),
    )
    op.create_index("ix_results_project_id", "results", ["project_id"])
    op.create_index("ix_results_expires_at", "results", ["expires_at"])
