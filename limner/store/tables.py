"""The tables, as the newest migration leaves them. Times are UTC unix seconds.

```
projects --< api_keys     a key belongs to one project
         --< files        content is the blob files/<file_id>
         --< results      content is the blob results/<result_id>; found by the digest of its token
         --< pictures     content is the blob pictures/<picture_id>; `parent_id` may name a picture that is gone
         --< prompts      one row for each version of each name
         --< usage        one row for each UTC day and snapshot
prompts  --< prompt_pictures    which kept pictures a saved prompt names; they may be gone
```
A project cannot be deleted while it has any of them: their contents would be left behind.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, MetaData, String, Table, Text, UniqueConstraint

NUM_ID_CHARS, NUM_DIGEST_CHARS = 64, 64
MAX_NAME_CHARS, MAX_FILENAME_CHARS, MAX_WORD_CHARS = 64, 255, 64
NUM_DAY_CHARS = len("2026-11-22")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SORTED_ID = String(NUM_ID_CHARS).with_variant(String(NUM_ID_CHARS, collation="C"), "postgresql")  # no language sorts bytes otherwise


def _project() -> Column[str]:
    return Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False, index=True)


projects = Table(
    "projects",
    metadata,
    Column("project_id", String(NUM_ID_CHARS), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(NUM_ID_CHARS), primary_key=True),
    _project(),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("role", String(MAX_WORD_CHARS), CheckConstraint("role IN ('member', 'admin')", name="role"), nullable=False),
    Column("digest", String(NUM_DIGEST_CHARS), nullable=False, unique=True),
    Column("hint", String(MAX_WORD_CHARS), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("expires_at", BigInteger),
)

files = Table(
    "files",
    metadata,
    Column("file_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("filename", String(MAX_FILENAME_CHARS), nullable=False),
    Column("purpose", String(MAX_WORD_CHARS), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, index=True),
    Column("is_ready", Boolean, nullable=False),  # false until the blob is whole: such a file is seen by nobody
    Index(None, "project_id", "file_id"),
)

results = Table(
    "results",
    metadata,
    Column("result_id", String(NUM_ID_CHARS), primary_key=True),
    _project(),
    Column("token_digest", String(NUM_DIGEST_CHARS), nullable=False, unique=True),
    Column("media_type", String(MAX_WORD_CHARS), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

pictures = Table(
    "pictures",
    metadata,
    Column("picture_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("parent_id", SORTED_ID),
    Column("kind", String(MAX_WORD_CHARS), nullable=False),
    Column("snapshot", String(MAX_FILENAME_CHARS), nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("width", BigInteger, nullable=False),
    Column("height", BigInteger, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("words", Text, nullable=False, server_default=""),  # the instruction, `searchable`
    Column("details", Text, nullable=False),  # JSON in ASCII, since PostgreSQL's text takes no NUL
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("is_ready", Boolean, nullable=False),  # as for files
    Index(None, "project_id", "picture_id"),
)

prompts = Table(
    "prompts",
    metadata,
    Column("prompt_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("words", Text, nullable=False),  # the name and the prompt, `searchable`
    Column("details", Text, nullable=False),  # JSON in ASCII, as for pictures
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("project_id", "name", "version"),
    Index(None, "project_id", "prompt_id"),
)

prompt_pictures = Table(
    "prompt_pictures",
    metadata,
    Column("prompt_id", SORTED_ID, ForeignKey("prompts.prompt_id"), primary_key=True),
    Column("picture_id", SORTED_ID, primary_key=True, index=True),
)

usage = Table(
    "usage",
    metadata,
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), primary_key=True),
    Column("day", String(NUM_DAY_CHARS), primary_key=True),
    Column("snapshot", String(MAX_FILENAME_CHARS), primary_key=True),  # empty for what was refused before one was settled
    Column("requests", BigInteger, nullable=False),
    Column("pictures", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)
