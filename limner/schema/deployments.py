"""Deployments on the wire: names of an operator's own for models or snapshots, in shares, with defaults and a policy."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, WithJsonSchema, model_serializer

from limner.schema.images import BackgroundWord, Count, FormatWord, ModerationWord, Percent, Seed, SizeWord
from limner.schema.pages import Listed, ListPage

MAX_PAGE, DEFAULT_PAGE = 100, 20
MAX_TARGETS, MAX_MODEL_CHARS, MAX_POLICY_SIZES = 10, 64, 50
NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

QualityName = Literal["low", "medium", "high"]
DeploymentName = Annotated[
    str, Field(max_length=256), WithJsonSchema({"type": "string", "pattern": NAME_PATTERN, "description": "Also the name as a model."})
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TargetBody(_Body):
    """A model or snapshot of this server, and its share of the requests in percent."""

    model: Annotated[str, Field(min_length=1, max_length=MAX_MODEL_CHARS)]
    percent: Annotated[int, Field(ge=1, le=100)] = 100


class DeploymentDefaults(_Body):
    """Fields of the Images routes, for requests that leave them out; what is absent or null is not there."""

    n: Count | None = None
    size: SizeWord | None = None
    quality: Literal["auto", "low", "medium", "high", "standard", "hd"] | None = None
    background: BackgroundWord | None = None
    moderation: ModerationWord | None = None
    output_format: FormatWord | None = None
    output_compression: Percent | None = None
    seed: Seed | None = None
    input_fidelity: Literal["low", "high"] | None = None

    @model_serializer(mode="wrap")
    def _leave_out_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class DeploymentPolicy(_Body):
    """What a deployment takes. An empty list takes all; with `moderation` auto a request cannot ask for low."""

    moderation: ModerationWord = "low"
    qualities: Annotated[list[QualityName], Field(max_length=3)] = []
    sizes: Annotated[list[SizeWord], Field(max_length=MAX_POLICY_SIZES)] = []
    max_n: Count | None = None


class DeploymentBody(_Body):
    """Body of `POST /limner/v1/deployments`. The shares of the targets make a hundred."""

    name: DeploymentName
    targets: Annotated[list[TargetBody], Field(min_length=1, max_length=MAX_TARGETS)]
    defaults: DeploymentDefaults = DeploymentDefaults()
    policy: DeploymentPolicy = DeploymentPolicy()


class DeploymentChange(_Body):
    """Body of `POST /limner/v1/deployments/{name}`: each part that is given takes the place of the old one."""

    targets: Annotated[list[TargetBody], Field(min_length=1, max_length=MAX_TARGETS)] | None = None
    defaults: DeploymentDefaults | None = None
    policy: DeploymentPolicy | None = None


class DeploymentObject(Listed):
    """One version of a deployment. `scope` says whose it is: the project's own, or the server's, which holds for every project."""

    object: Literal["deployment"] = "deployment"
    name: str
    scope: Literal["project", "server"]
    version: int
    previous: int | None = Field(description="The version to which a roll back leads.")
    is_current: bool
    created_at: int
    targets: list[TargetBody]
    defaults: DeploymentDefaults
    policy: DeploymentPolicy


class DeploymentList(ListPage[DeploymentObject]):
    """One page of deployments, or of the versions of one."""


class DeletedDeployment(BaseModel):
    """A deployment that is gone, with all its versions."""

    object: Literal["deployment"] = "deployment"
    name: str
    deleted: Literal[True] = True
    versions: int
