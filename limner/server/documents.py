"""The server's OpenAPI document: bodies that routes read by themselves, answers, errors, and how a caller says who it is."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from limner.schema.batches import BatchBody
from limner.schema.deployments import DeploymentBody, DeploymentChange
from limner.schema.errors import ErrorBody
from limner.schema.files import ExpiresAfter, FileFields
from limner.schema.images import (
    MAX_INPUT_IMAGES,
    CompletedEventName,
    CompletedImageEvent,
    EditBody,
    EditFields,
    GenerationBody,
    ImagesResponse,
    PartialEventName,
    PartialImageEvent,
    VariationFields,
)
from limner.schema.moderations import ModerationBody
from limner.schema.oxen import EVENT_NAME, PATH_PREFIX, OxenBody, OxenErrorBody, QueueBody
from limner.schema.prompts import PromptBody
from limner.schema.responses.answers import ResponseEvent
from limner.schema.responses.requests import ConversationBody, MetadataBody, NewItemsBody, ResponseBody, TokensBody
from limner.schema.sessions import SignInBody
from limner.schema.webhooks import RotationBody, WebhookBody, WebhookChange, WebhookTestBody

Described = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
COMPONENTS: tuple[type[BaseModel], ...] = (
    BatchBody,
    CompletedImageEvent,
    ConversationBody,
    DeploymentBody,
    DeploymentChange,
    EditBody,
    ErrorBody,
    ExpiresAfter,
    GenerationBody,
    ImagesResponse,
    MetadataBody,
    ModerationBody,
    NewItemsBody,
    OxenBody,
    OxenErrorBody,
    PartialImageEvent,
    PromptBody,
    QueueBody,
    ResponseBody,
    ResponseEvent,
    RotationBody,
    SignInBody,
    TokensBody,
    WebhookBody,
    WebhookChange,
    WebhookTestBody,
)
ERRORS = {
    "400": "The request cannot be done as asked; `param` names the field. Moderation answers here too, with `moderation_blocked`.",
    "401": "The API key is missing, unknown, revoked or has ended.",
    "403": "The API key is good and may not do this.",
    "404": "No such model, file, picture, prompt, batch, response, conversation, item, key, deployment or path.",
    "405": "The path exists and does not take this method.",
    "408": "The body did not arrive in time.",
    "413": "The body is too large.",
    "429": "Too many requests wait; `retry-after` says how long to wait.",
    "500": "The server failed; the message holds an id to look up.",
    "502": "The chat model that plans responses failed.",
    "503": "The server is about to end, or could not judge the request.",
}
BINARY = {"type": "string", "format": "binary"}
PUBLIC_PATHS = {"/health", "/limner/v1/sign-in", "/limner/v1/results/{token}", "/limner/v1/generations/{generation_id}/result"}


def _ref(model: type[BaseModel]) -> Described:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _body(content: Described) -> Described:
    return {"requestBody": {"required": True, "content": content}}


def _form(fields: type[BaseModel], files: Described, required: Described) -> Described:
    """Describe a form: text parts and files in one object, in which nothing can be null."""
    schema = fields.model_json_schema(ref_template=REFERENCE)
    definitions = schema.pop("$defs", {})
    for name in ("title", "description"):
        schema.pop(name, None)
    texts = {name: _in_a_form(described, definitions) for name, described in schema["properties"].items()}
    nested = {name: {"style": "deepObject", "explode": True} for name, described in texts.items() if described.get("type") == "object"}
    schema |= {"properties": texts | files, **required, "required": [*schema.get("required", []), *required.get("required", [])]}
    return {"multipart/form-data": {"schema": schema, **({"encoding": nested} if nested else {})}}


def _in_a_form(described: Described, definitions: Described) -> Described:
    kinds = [kind for kind in described.get("anyOf", ()) if kind != {"type": "null"}]
    rest = {name: value for name, value in described.items() if name not in ("anyOf", "default")}
    whole = rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
    return definitions[whole["$ref"].rpartition("/")[2]] if "$ref" in whole else whole


_EVENT = {
    "description": "One event; `data` is the JSON of what `event` names. An error is the last event, with an `error` object.",
    "type": "object",
    "required": ["event", "data"],
    "properties": {
        "event": {"enum": [*get_args(PartialEventName), *get_args(CompletedEventName), "error"]},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"anyOf": [_ref(kind) for kind in (PartialImageEvent, CompletedImageEvent, ErrorBody)]},
        },
    },
}
_IMAGES = {"200": {"description": "Pictures.", "content": {"application/json": {"schema": _ref(ImagesResponse)}}}}
_STREAMED_IMAGES = {
    "200": {
        "description": "Pictures, or with `stream` the events PartialImageEvent and CompletedImageEvent.",
        "content": {"application/json": {"schema": _ref(ImagesResponse)}, "text/event-stream": {"schema": _EVENT}},
    }
}
_PICTURES = {"type": "array", "items": BINARY, "minItems": 1, "maxItems": MAX_INPUT_IMAGES}
_EDIT_FILES = {"image": _PICTURES, "image[]": _PICTURES, "mask": BINARY}
_ONE_NAME = {"oneOf": [{"required": ["image"]}, {"required": ["image[]"]}]}


def _described(body: Described, responses: Described) -> Described:
    return {**_body(body), "responses": responses}


GENERATIONS = _described({"application/json": {"schema": _ref(GenerationBody)}}, _STREAMED_IMAGES)
EDITS = _described({**_form(EditFields, _EDIT_FILES, _ONE_NAME), "application/json": {"schema": _ref(EditBody)}}, _STREAMED_IMAGES)
VARIATIONS = _described(_form(VariationFields, {"image": BINARY}, {"required": ["image"]}), _IMAGES)
FILES = _body(_form(FileFields, {"file": BINARY}, {"required": ["file"]}))
MODERATIONS = _body({"application/json": {"schema": _ref(ModerationBody)}})
DEPLOYMENTS = _body({"application/json": {"schema": _ref(DeploymentBody)}})
CHANGED_DEPLOYMENTS = _body({"application/json": {"schema": _ref(DeploymentChange)}})
PROMPTS = _body({"application/json": {"schema": _ref(PromptBody)}})
BATCHES = _body({"application/json": {"schema": _ref(BatchBody)}})
SIGN_IN = _body({"application/json": {"schema": _ref(SignInBody)}})
OXEN_IMAGES = _body({"application/json": {"schema": _ref(OxenBody)}})
OXEN_QUEUE = _body({"application/json": {"schema": _ref(QueueBody)}})
WEBHOOKS, WEBHOOK_CHANGES, WEBHOOK_ROTATIONS, WEBHOOK_TESTS = (
    _body({"application/json": {"schema": _ref(model)}}) for model in (WebhookBody, WebhookChange, RotationBody, WebhookTestBody)
)
OXEN_EVENTS = {"responses": {"200": {"description": f"The event {EVENT_NAME}.", "content": {"text/event-stream": {"schema": {}}}}}}


def build_document(app: FastAPI) -> Described:
    """Return the OpenAPI document of the application's routes, complete with bodies, errors and security."""
    document = get_openapi(title="Limner", version=app.version, description=app.description, routes=app.routes)
    _, definitions = models_json_schema([(model, "validation") for model in COMPONENTS], ref_template=REFERENCE)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {name: _with_nulls(schema) for name, schema in definitions["$defs"].items()}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer"},
        "api-key": {"type": "apiKey", "in": "header", "name": "api-key"},
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, is_public=path in PUBLIC_PATHS, error=OxenErrorBody if path.startswith(PATH_PREFIX) else ErrorBody)
    return document


def _with_nulls(schema: Described) -> Described:
    """Say that of what is not known null is taken, for null is absent."""
    return schema | {"additionalProperties": {"type": "null"}} if schema.get("additionalProperties") is False else schema


def _complete(operation: Described, *, is_public: bool, error: type[BaseModel]) -> None:
    operation["responses"].pop("422", None)
    failure = {"content": {"application/json": {"schema": _ref(error)}}}
    for status, description in ERRORS.items():
        operation["responses"].setdefault(status, {"description": description, **failure})
    operation["security"] = [] if is_public else [{"bearer": []}, {"api-key": []}]
