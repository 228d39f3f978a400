"""Who is calling, on the wire: signing in with a one-time link, the session that a key opens, and the keys of a project."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_TOKEN_CHARS = 200


class SignInBody(BaseModel):
    """Body of `POST /limner/v1/sign-in`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARS, description="Of the link that the server printed at its start.")]


class SignIn(BaseModel):
    """A new key, shown this once, which ends by itself."""

    object: Literal["sign_in"] = "sign_in"
    key: str
    expires_at: int


class KeyObject(BaseModel):
    """What is known of an API key; its secret is known to nobody. `hint` is how the secret ends."""

    id: str
    object: Literal["key"] = "key"
    name: str
    role: Literal["member", "admin"]
    hint: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    is_current: bool = Field(description="Whether this request was made with it.")


class KeyList(BaseModel):
    """Every key of a project, the oldest first."""

    object: Literal["list"] = "list"
    data: list[KeyObject]


class SizeLimits(BaseModel):
    """Sides of what can be drawn, in pixels; the longer side is at most `max_ratio` times the shorter."""

    min: int
    max: int
    multiple_of: int
    max_ratio: int


class Limits(BaseModel):
    """What this server takes."""

    max_prompt_chars: int
    max_n: int
    max_images: int
    max_image_bytes: int
    max_pixels: int
    sizes: SizeLimits
    qualities: list[str]
    formats: list[str]
    backgrounds: list[str]
    max_partial_images: int
    max_open_requests: int = Field(description="Requests of one project that may wait or be drawn at once.")
    retention_days: int
    moderation: Literal["local", "off", "remote"]


class Session(BaseModel):
    """Who is calling, and what the server takes. With `--dev`, or with an issuer's token, there is no key."""

    object: Literal["session"] = "session"
    project_id: str
    is_dev: bool
    key: KeyObject | None
    limits: Limits
    version: str


class EndedSession(BaseModel):
    """A session that is over. A key that a sign-in made is revoked; one that a person made goes on being good."""

    object: Literal["session"] = "session"
    deleted: Literal[True] = True
    key_revoked: bool
