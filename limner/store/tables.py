"""The tables, as the newest migration leaves them. Times are UTC unix seconds.

```
projects --< api_keys     a key belongs to one project
         --< files        content is the blob files/<file_id>
         --< results      content is the blob results/<result_id>; found by the digest of its token
         --< pictures     content is the blob pictures/<picture_id>; `parent_id` may name a picture that is gone
         --< prompts      one row for each version of each name
         --< usage        one row for each UTC day and snapshot
         --< work         one row for each job that has not ended; `job_id` names a row of the kind's own table
         --< generations  what they begin with is the blob generations/<inputs_id>, which several can share
         --< webhook_endpoints --< deliveries
         --< responses    what was answered; `previous_id` may name a response that is gone
         --< conversations
         --< attachments  content is the blob attachments/<attachment_id>; goes with its owner, a response or a conversation
         --< deployments  one row for each version of each name; those of no project are the server's
         --< batches
batches  --< batch_lines       a line that is begun; its answer is the blob lines/<batch_id>-<line>-<run> until the output file is written
prompts  --< prompt_pictures    which kept pictures a saved prompt names; they may be gone
responses, conversations --< items    in order; the pictures that they name may be gone
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
    Column("owner_id", SORTED_ID, index=True),  # the response that it was drawn for, and goes with
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
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in ("batch_requests", "batch_pictures", "cost_nanousd")),
)

work = Table(
    "work",
    metadata,
    Column("kind", String(MAX_WORD_CHARS), primary_key=True),
    Column("job_id", SORTED_ID, primary_key=True),
    _project(),
    Column("priority", BigInteger, nullable=False),  # smaller ones first
    Column("enqueued_us", BigInteger, nullable=False),
    Column("due_us", BigInteger, nullable=False),  # begun not before, and by nobody else before while it is worked on
    Column("attempts", BigInteger, nullable=False),
    Column("worker", String(NUM_ID_CHARS)),  # the process that works on it
    Index(None, "kind", "due_us"),
)

generations = Table(
    "generations",
    metadata,
    Column("generation_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("model_name", String(MAX_FILENAME_CHARS), nullable=False),
    Column("target_namespace", String(MAX_FILENAME_CHARS)),
    Column("target_repo", String(MAX_FILENAME_CHARS)),
    Column("target_directory", String(MAX_FILENAME_CHARS)),
    Column("status", String(MAX_WORD_CHARS), nullable=False),
    Column("details", Text, nullable=False),  # JSON in ASCII, as for pictures
    Column("error", Text),  # the same
    Column("inputs_id", SORTED_ID),
    Column("picture_id", SORTED_ID, nullable=False),  # reserved, so that work that is done twice keeps one picture
    Column("link_key", String(NUM_DIGEST_CHARS), nullable=False),
    Column("enqueued_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("completed_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("is_ready", Boolean, nullable=False),  # false until its inputs are whole: such a generation is seen by nobody
    Index(None, "project_id", "generation_id"),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("endpoint_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("details", Text, nullable=False),  # JSON in ASCII: name, URL, events
    Column("secret", String(NUM_DIGEST_CHARS), nullable=False),  # itself: what is sent is signed with it
    Column("old_secret", String(NUM_DIGEST_CHARS)),
    Column("old_secret_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("gone_at", BigInteger),  # when the receiver said that it is gone for good
    Index(None, "project_id", "endpoint_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", SORTED_ID, primary_key=True),
    Column("endpoint_id", SORTED_ID, ForeignKey("webhook_endpoints.endpoint_id"), nullable=False),
    _project(),
    Column("event_id", SORTED_ID, nullable=False),
    Column("event_type", String(MAX_WORD_CHARS), nullable=False),
    Column("object_id", String(NUM_ID_CHARS), nullable=False),
    Column("status", String(MAX_WORD_CHARS), nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("last_answer", String(MAX_WORD_CHARS)),
    Column("created_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False, index=True),
    UniqueConstraint("endpoint_id", "event_type", "object_id"),
)

responses = Table(
    "responses",
    metadata,
    Column("response_id", SORTED_ID, primary_key=True),
    _project(),
    Column("previous_id", SORTED_ID),
    Column("conversation_id", SORTED_ID, index=True),
    Column("status", String(MAX_WORD_CHARS), nullable=False),
    Column("is_background", Boolean, nullable=False),
    Column("asked", Text, nullable=False),  # JSON in ASCII, as all that follows
    Column("ended", Text),  # null until it has ended
    Column("created_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", SORTED_ID, primary_key=True),
    _project(),
    Column("metadata", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

items = Table(
    "items",
    metadata,
    Column("owner_id", SORTED_ID, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("item_id", SORTED_ID, nullable=False),
    Column("is_output", Boolean, nullable=False),
    Column("content", Text, nullable=False),
    Index(None, "project_id", "item_id"),
)

attachments = Table(
    "attachments",
    metadata,
    Column("attachment_id", SORTED_ID, primary_key=True),
    _project(),
    Column("owner_id", SORTED_ID, nullable=False, index=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False, index=True),
    Column("is_ready", Boolean, nullable=False),  # as for files
)

deployments = Table(
    "deployments",
    metadata,
    Column("version_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id")),  # null: the server's, for every project
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("previous", BigInteger),
    Column("is_current", Boolean, nullable=False),
    Column("details", Text, nullable=False),  # JSON in ASCII, as for pictures
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("project_id", "name", "version"),
)
Index(  # nulls are never alike, so the constraint says nothing of the server's own
    "uq_deployments_name_version",
    deployments.c.name,
    deployments.c.version,
    unique=True,
    sqlite_where=deployments.c.project_id.is_(None),
    postgresql_where=deployments.c.project_id.is_(None),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", SORTED_ID, primary_key=True),
    Column("project_id", String(NUM_ID_CHARS), ForeignKey("projects.project_id"), nullable=False),
    Column("endpoint", String(MAX_WORD_CHARS), nullable=False),
    Column("input_file_id", SORTED_ID, nullable=False),
    Column("status", String(MAX_WORD_CHARS), nullable=False),
    Column("details", Text, nullable=False),  # JSON in ASCII of what never changes
    Column("errors", Text, nullable=False, server_default=""),  # JSON in ASCII
    Column("model", String(MAX_FILENAME_CHARS)),
    Column("output_file_id", SORTED_ID),
    Column("error_file_id", SORTED_ID),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in ("total", "completed", "failed")),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in ("input_tokens", "output_tokens", "cost_nanousd")),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    *(
        Column(f"{name}_at", BigInteger)
        for name in ("in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled")
    ),
    Index(None, "project_id", "batch_id"),
)

batch_lines = Table(
    "batch_lines",
    metadata,
    Column("batch_id", SORTED_ID, ForeignKey("batches.batch_id"), primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("run", String(NUM_ID_CHARS), nullable=False),  # of the worker that began it, in the name of its blob
    Column("size_bytes", BigInteger),  # none until it is answered
    Column("is_failed", Boolean, nullable=False),
)
