"""How a server runs: one frozen value, made by `limner serve` from its options and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from limner.engine.local import MAX_WAITING
from limner.errors import InvalidField
from limner.jobs.access.identity import IdentitySettings
from limner.jobs.addresses import is_loopback
from limner.jobs.durable.sending import Reach
from limner.jobs.responses.chat import PlannerSettings
from limner.jobs.studio import MAX_OPEN_ORDERS
from limner.store.settings import StoreSettings

LOCAL_MODERATION, NO_MODERATION = "local", "off"
MAX_RETENTION_DAYS = 36_500


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """`store` says where everything lies. `moderation` is `local`, `off`, or the URL of an endpoint. `oidc` says whose tokens are taken.

    With a `planner` a chat model plans responses, otherwise the user's last words are drawn as they are.

    `webhooks` says which addresses they may be sent to. Kept pictures expire after `retention_days` days, 1 to 36,500. `max_waiting`
    requests, 1 to 128, may wait for the engine.

    A stream that is silent for `keep_alive_s` seconds gets a comment; proxies cut connections that are silent for long.

    Raises:
        InvalidField: two settings contradict each other, or one cannot be used.
    """

    store: StoreSettings
    host: str = "127.0.0.1"
    port: int = 8000
    is_dev: bool = False
    is_conformance: bool = False
    is_strict: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    moderation: str = LOCAL_MODERATION
    moderation_key: str | None = field(default=None, repr=False)
    planner: PlannerSettings | None = None
    fetches_urls: bool = True
    webhooks: Reach = "public"
    public_url: str | None = None
    retention_days: int = 30
    max_waiting: int = MAX_WAITING
    grace_s: float = 20.0
    keep_alive_s: float = 15.0
    oidc: IdentitySettings | None = None
    has_filter_results: bool = False

    def __post_init__(self) -> None:
        for name, is_on in (("dev", self.is_dev), ("conformance", self.is_conformance)):
            if is_on and not is_loopback(self.host):
                raise InvalidField(
                    name,
                    f"--{name} answers without checking and cannot be used on host {self.host!r}; use 127.0.0.1, or leave --{name} out",
                )
        if self.moderation not in (LOCAL_MODERATION, NO_MODERATION) and not self.moderation.startswith(("https://", "http://")):
            raise InvalidField("moderation", f"moderation {self.moderation!r} is not known; use local, off, or the URL of an endpoint")
        if self.webhooks not in get_args(Reach):
            raise InvalidField("webhooks", f"webhooks {self.webhooks!r} is not known; use one of {', '.join(get_args(Reach))}")
        if self.public_url is not None and not self.public_url.startswith(("https://", "http://")):
            raise InvalidField("public_url", f"public URL {self.public_url!r} is not one; write https://HOST")
        if not 1 <= self.retention_days <= MAX_RETENTION_DAYS:
            raise InvalidField(
                "retention_days", f"retention of {self.retention_days!r} days is out of range; use 1 to {MAX_RETENTION_DAYS:,}"
            )
        if not 1 <= self.max_waiting <= MAX_OPEN_ORDERS:
            raise InvalidField("max_waiting", f"a line of {self.max_waiting!r} requests is out of range; use 1 to {MAX_OPEN_ORDERS}")
        if self.grace_s < 0:
            raise InvalidField("grace", f"grace {self.grace_s!r} is below 0; use a number of seconds")

    @property
    def moderation_kind(self) -> Literal["local", "off", "remote"]:
        """How is judged, without saying where."""
        return "local" if self.moderation == LOCAL_MODERATION else "off" if self.moderation == NO_MODERATION else "remote"
