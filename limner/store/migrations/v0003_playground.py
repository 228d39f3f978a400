"""Keys that end by themselves, words of pictures to search in, saved prompts, and usage."""

from __future__ import annotations

import json
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
NUM_AT_ONCE = 500


def upgrade() -> None:
    """Add the columns and the tables, and the words of the pictures that are there."""
    op.add_column("api_keys", sa.Column("expires_at", sa.BigInteger))
    op.add_column("pictures", sa.Column("words", sa.Text, nullable=False, server_default=""))
    _fill_words()
    _create_prompts()
    op.create_table(
        "usage",
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("snapshot", sa.String(255), nullable=False),
        sa.Column("requests", sa.BigInteger, nullable=False),
        sa.Column("pictures", sa.BigInteger, nullable=False),
        sa.Column("input_tokens", sa.BigInteger, nullable=False),
        sa.Column("output_tokens", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", "snapshot", name="pk_usage"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_usage_project_id"),
    )


def _fill_words() -> None:
    """Write what was asked for beside each picture, as this version folds it."""
    pictures = sa.table("pictures", sa.column("picture_id"), sa.column("words"), sa.column("details"))
    connection, last = op.get_bind(), ""
    write = sa.update(pictures).where(pictures.c.picture_id == sa.bindparam("this")).values(words=sa.bindparam("folded"))
    read = sa.select(pictures.c.picture_id, pictures.c.details).order_by(pictures.c.picture_id).limit(NUM_AT_ONCE)
    while rows := connection.execute(read.where(pictures.c.picture_id > last)).all():
        connection.execute(write, [{"this": row.picture_id, "folded": _fold(json.loads(row.details)["instruction"])} for row in rows])
        last = rows[-1].picture_id


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\x00", " ").encode("utf-8", "replace").decode()


def _create_prompts() -> None:
    """Make the tables of saved prompts."""
    sorted_id = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    op.create_table(
        "prompts",
        sa.Column("prompt_id", sorted_id, nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", name="pk_prompts"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.project_id"], name="fk_prompts_project_id"),
        sa.UniqueConstraint("project_id", "name", "version", name="uq_prompts_project_id_name_version"),
    )
    op.create_index("ix_prompts_project_id_prompt_id", "prompts", ["project_id", "prompt_id"])
    op.create_table(
        "prompt_pictures",
        sa.Column("prompt_id", sorted_id, nullable=False),
        sa.Column("picture_id", sorted_id, nullable=False),
        sa.PrimaryKeyConstraint("prompt_id", "picture_id", name="pk_prompt_pictures"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.prompt_id"], name="fk_prompt_pictures_prompt_id"),
    )
    op.create_index("ix_prompt_pictures_picture_id", "prompt_pictures", ["picture_id"])
