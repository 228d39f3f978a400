"""No key reaches what belongs to another project, on any route of the document, by any name that a path, a query or a body can say.

A name of another project's is answered exactly as a name that nobody has. A route or a field that this file does not know fails by name:
it then says here how to make such a thing, or why it belongs to nobody.
"""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from PIL import Image

from limner.server.app import make_router_app
from limner.server.documents import build_document

DOCUMENT = build_document(make_router_app())
PARAMETER = re.compile(r"[^/]+/\{[^}]+\}")
SIGNED = re.compile(rb"expires=\d+&signature=\w+")  # of links that are made anew each time
MIRRORED = str.maketrans("0123456789abcdef", "fedcba9876543210")
NUM_CHANGED_CHARS = 12  # at the end of an id, so that one that sorts by time keeps its place
ANSWER_TIMEOUT_S = 60.0
PASSING_HEADERS = {"content-length", "date", "openai-processing-ms", "x-request-id"}  # they differ from one answer to the next
DEPLOYMENTS, ROUTE_OF_BATCHES = "/limner/v1/deployments", "/v1/images/generations"
MESSAGE = {"role": "user", "content": "a red ball"}
SMALL = {"prompt": "a red ball", "size": "256x256", "quality": "low"}

Things = dict[str, str]  # from the part of a path that names a thing, such as `files/{file_id}`, to a name
Project = Any  # of the conftest beside this file
Maker = Callable[[Project, Things], str]


def make_file(project: Project, _: Things) -> str:
    return str(project.make("/v1/files", data={"purpose": "vision"}, files={"file": ("kite.png", picture_file())})["id"])


def make_picture(project: Project, _: Things) -> str:
    return str(project.make("/v1/images/generations", json={**SMALL, "keep": True})["data"][0]["limner"]["picture_id"])


def make_prompt(project: Project, _: Things) -> str:
    name = f"kite-{secrets.token_hex(8)}"
    for prompt in ("a kite", "a red kite"):
        project.make("/limner/v1/prompts", json={"name": name, "prompt": prompt})
    return name


def make_key(project: Project, _: Things) -> str:
    return project.keys.create("another", project=project.project_id)[0].key_id


def make_response(project: Project, _: Things) -> str:
    return str(project.make("/v1/responses", json=saying())["id"])


def make_background_response(project: Project, _: Things) -> str:
    response_id = str(project.make("/v1/responses", json=saying(background=True))["id"])
    wait_for(lambda: project.call("GET", f"/v1/responses/{response_id}").json()["status"] == "completed")
    return response_id


def make_call(project: Project, _: Things) -> str:
    tool = {"type": "image_generation", "size": "256x256", "quality": "low"}
    return str(project.make("/v1/responses", json={"input": "a red ball", "tools": [tool]})["output"][0]["id"])


def make_conversation(project: Project, _: Things) -> str:
    return str(project.make("/v1/conversations", json={"items": [MESSAGE]})["id"])


def make_item(project: Project, things: Things) -> str:
    conversation_id = things.get("conversations/{conversation_id}") or make_conversation(project, {})
    return str(project.make(f"/v1/conversations/{conversation_id}/items", json={"items": [MESSAGE]})["data"][0]["id"])


def input_item(project: Project, things: Things) -> str:
    return str(project.call("GET", f"/v1/responses/{things['responses/{response_id}']}/input_items").json()["data"][0]["id"])


def make_batch(project: Project, _: Things) -> str:
    batch = project.make("/v1/batches", json=batching(make_batch_file(project, {})))
    project.make(f"/v1/batches/{batch['id']}/cancel")
    rest(project)
    return str(batch["id"])


def rest(project: Project) -> None:
    """Wait until a project's batches have ended, so that nothing of it changes any more by itself."""

    def statuses() -> set[str]:
        return {batch["status"] for batch in project.call("GET", "/v1/batches", params={"limit": "100"}).json()["data"]}

    wait_for(lambda: statuses() <= {"cancelled", "completed", "failed"})


def make_batch_file(project: Project, _: Things) -> str:
    return upload_lines(project, {"custom_id": "a", "method": "POST", "url": ROUTE_OF_BATCHES, "body": SMALL})


def upload_lines(project: Project, *lines: dict[str, Any]) -> str:
    content = "\n".join(map(json.dumps, lines)).encode()
    return str(project.make("/v1/files", data={"purpose": "batch"}, files={"file": ("lines.jsonl", content)})["id"])


def make_generation(project: Project, _: Things) -> str:
    generation_id = str(project.make("/api/ai/queue", json={"model": "tiny", **SMALL})["generations"][0]["generation_id"])
    wait_for(lambda: project.call("GET", f"/api/ai/queue/{generation_id}").json()["completed_at"] is not None)
    return generation_id


def make_webhook(project: Project, _: Things) -> str:
    body = {"name": "mine", "url": "https://example.com/hook", "event_types": ["response.completed"]}
    return str(project.make("/v1/webhook_endpoints", json=body)["id"])


def make_deployment(project: Project, _: Things) -> str:
    name = f"kite-{secrets.token_hex(8)}"
    project.make("/limner/v1/deployments", json={"name": name, "targets": [{"model": "tiny-0"}]})
    project.make(f"/limner/v1/deployments/{name}", json={"targets": [{"model": "tiny-1"}]})
    return name


def deployment_id(project: Project, things: Things) -> str:
    name = things.get("deployments/{name}") or make_deployment(project, {})
    return str(project.call("GET", f"/limner/v1/deployments/{name}").json()["id"])


PATHS: dict[str, Maker] = {  # what a path can name: how a project comes by one
    "files/{file_id}": make_file,
    "pictures/{picture_id}": make_picture,
    "prompts/{name}": make_prompt,
    "keys/{key_id}": make_key,
    "responses/{response_id}": make_response,
    "conversations/{conversation_id}": make_conversation,
    "items/{item_id}": make_item,
    "batches/{batch_id}": make_batch,
    "queue/{generation_id}": make_generation,
    "generations/{generation_id}": make_generation,
    "webhook_endpoints/{webhook_endpoint_id}": make_webhook,
    "webhooks/{webhook_endpoint_id}": make_webhook,
    "deployments/{name}": make_deployment,
    "models/{model_id}": make_deployment,
}
PATHS_OF_ROUTES: dict[str, dict[str, Maker]] = {  # for a method and the end of a path: what must be there for it
    "POST responses/{response_id}/cancel": {"responses/{response_id}": make_background_response},
}
OPEN_PATHS = {  # what belongs to no project, and why; a value that it can have
    "results/{token}": ("the token is the permission: 256 random bits, for an hour", "0" * 43),
    "versions/{version}": ("a number that says nothing without the name before it", "2"),
}
REQUESTS: dict[str, list[dict[str, Any]]] = {  # for a method and the end of a path with a name in it: what is sent besides, each time
    "GET responses/{response_id}": [{}, {"params": {"stream": "true"}}],
    "POST deployments/{name}": [{"json": {"targets": [{"model": "tiny"}]}}],
    "POST webhook_endpoints/{webhook_endpoint_id}": [{"json": {"name": "other"}}],
    "POST webhook_endpoints/{webhook_endpoint_id}/rotate_secret": [{"json": {}}],
    "POST webhook_endpoints/{webhook_endpoint_id}/test": [{"json": {"event_type": "response.completed"}}],
    "GET generations/{generation_id}/result": [{"params": {"expires": "1", "signature": "0" * 64}}],
    "POST conversations/{conversation_id}": [{"json": {"metadata": {"a": "b"}}}],
    "POST conversations/{conversation_id}/items": [{"json": {"items": [MESSAGE]}}],
}
ENDLESS = {"/api/events": "a stream that goes on for as long as somebody listens"}
FAILING = {  # what does not succeed for the owner either, and why
    "GET ai/models/{model_id}": "Oxen's dialect tells of no deployments",
    "POST webhook_endpoints/{webhook_endpoint_id}/test": "nobody listens there",
    "GET generations/{generation_id}/result": "the signature is the permission, and this one is made up",
}


@dataclass(frozen=True)
class Reference:
    """A field that names a thing: `route` is a method and the end of a path, `request` makes the rest of a request that says the name."""

    route: str
    field: str
    make: Maker
    request: Callable[[str], dict[str, Any]]
    needs: str = ""  # a path without which there is nothing to name


def after(name: str) -> dict[str, Any]:
    return {"params": {"after": name, "order": "asc"}}


def editing(image: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    return {"json": {"prompt": "a blue box", "quality": "low", "images": [image], **fields}}


def masking(name: str, side_px: int, **fields: Any) -> dict[str, Any]:
    return editing({"image_url": data_url(side_px)}, mask={"file_id": name}, **fields)


def saving(**fields: Any) -> dict[str, Any]:
    return {"json": {"name": f"kite-{secrets.token_hex(8)}", "prompt": "a kite", **fields}}


def saying(**fields: Any) -> dict[str, Any]:
    """Return the body of a response that draws nothing."""
    return {"input": [MESSAGE], "tool_choice": "none", **fields}


def responding(**fields: Any) -> dict[str, Any]:
    return {"json": saying(**fields)}


def referring(name: str) -> list[dict[str, Any]]:
    return [{"type": "item_reference", "id": name}]


def showing(name: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "input_image", "file_id": name}]}]


def painting(name: str) -> dict[str, Any]:
    shown = [{"type": "input_text", "text": "paint it"}, {"type": "input_image", "image_url": data_url(64)}]
    tool = {"type": "image_generation", "quality": "low", "input_image_mask": {"file_id": name}}
    return {"json": {"input": [{"role": "user", "content": shown}], "tools": [tool]}}


def batching(file_id: str) -> dict[str, Any]:
    return {"input_file_id": file_id, "endpoint": ROUTE_OF_BATCHES, "completion_window": "24h"}


def drawing_by(name: str) -> dict[str, Any]:
    return {"json": {**SMALL, "model": name}}


def oxen(**fields: Any) -> dict[str, Any]:
    return {"json": {"model": "tiny", **SMALL, **fields}}


def oxen_masking(name: str, field: str) -> dict[str, Any]:
    """Return an edit with a mask of the size that a file, or a kept picture, has here."""
    is_file = name.startswith("file-")
    return oxen(image=data_url(64 if is_file else 256), mask_mode="alpha" if is_file else "luma", **{field: name})


REFERENCES = (
    Reference("GET /v1/files", "after", make_file, after),
    Reference("GET /limner/v1/pictures", "after", make_picture, after),
    Reference("GET /limner/v1/pictures", "parent", make_picture, lambda name: {"params": {"parent": name}}),
    Reference("GET /limner/v1/prompts", "after", lambda project, things: prompt_id(project, things), after),
    Reference("GET prompts/{name}/versions", "after", lambda project, things: prompt_id(project, things), after),
    Reference("POST images/edits", "images[].file_id", make_file, lambda name: editing({"file_id": name})),
    Reference("POST images/edits", "images[].file_id", make_picture, lambda name: editing({"file_id": name})),
    Reference("POST images/edits", "mask.file_id", make_file, lambda name: masking(name, 64)),
    Reference("POST images/edits", "mask.file_id", make_picture, lambda name: masking(name, 256, mask_mode="luma")),
    Reference("POST /limner/v1/prompts", "inputs[]", make_picture, lambda name: saving(inputs=[name])),
    Reference("POST /limner/v1/prompts", "chosen", make_picture, lambda name: saving(chosen=name)),
    Reference("POST /v1/responses", "previous_response_id", make_response, lambda name: responding(previous_response_id=name)),
    Reference("POST /v1/responses", "conversation", make_conversation, lambda name: responding(conversation=name)),
    Reference("POST /v1/responses", "conversation.id", make_conversation, lambda name: responding(conversation={"id": name})),
    Reference("POST /v1/responses", "tools[].input_image_mask.file_id", make_file, painting),
    *(
        Reference(route, field, make, request)
        for route, items, send in (
            ("POST /v1/responses", "input", lambda items: responding(input=items)),
            ("POST /v1/responses/input_tokens", "input", lambda items: {"json": {"input": items}}),
            ("POST /v1/conversations", "items", lambda items: {"json": {"items": items}}),
            ("POST conversations/{conversation_id}/items", "items", lambda items: {"json": {"items": items}}),
        )
        for field, make, request in (
            (f"{items}[].id", make_call, lambda name, send=send: send([{"type": "image_generation_call", "id": name}])),
            (f"{items}[].id", make_item, lambda name, send=send: send(referring(name))),
            (f"{items}[].content[].file_id", make_file, lambda name, send=send: send(showing(name))),
            (f"{items}[].content[].file_id", make_picture, lambda name, send=send: send(showing(name))),
        )
    ),
    Reference("POST /v1/batches", "input_file_id", make_batch_file, lambda name: {"json": batching(name)}),
    Reference("GET /v1/batches", "after", make_batch, lambda name: {"params": {"after": name}}),
    Reference("GET /v1/webhook_endpoints", "after", make_webhook, lambda name: {"params": {"after": name}}),
    Reference("GET /limner/v1/deployments", "after", deployment_id, after),
    Reference("GET deployments/{name}/versions", "after", deployment_id, after),
    Reference("POST images/generations", "model", make_deployment, drawing_by, DEPLOYMENTS),
    Reference("POST images/edits", "model", make_deployment, lambda name: editing({"image_url": data_url(64)}, model=name), DEPLOYMENTS),
    *(
        Reference(f"POST /api/ai/images/{route}", field, make, request)
        for route, make in (("generate", make_file), ("edit", make_picture))
        for field, request in (
            ("input_image", lambda name: oxen(input_image=name)),
            ("input_image[]", lambda name: oxen(input_image=[name])),
            ("image", lambda name: oxen(image=name)),
            ("image[]", lambda name: oxen(image=[name])),
            ("mask", lambda name: oxen_masking(name, "mask")),
            ("mask_url", lambda name: oxen_masking(name, "mask_url")),
        )
    ),
    Reference("GET responses/{response_id}/input_items", "after", input_item, after),
    Reference("GET conversations/{conversation_id}/items", "after", make_item, after),
)
PLAIN_FIELDS = frozenset(  # what says no name of anything that is kept for a project
    "prompt model size user safety_identifier canvas region image_url url text input filename name note purpose search token "
    "quality background output_format action result revised_prompt content refusal annotations logprobs instructions include * "
    "effort summary generate_summary service_tier prompt_cache_key "
    "sizes endpoint completion_window expires signature aspect_ratio "
    "namespace repo folder target_namespace target_repo target_directory".split()
)


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ANSWER_TIMEOUT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def prompt_id(project: Project, _: Things) -> str:
    return str(project.make("/limner/v1/prompts", json={"name": f"kite-{secrets.token_hex(8)}", "prompt": "a kite"})["id"])


def picture_file(side_px: int = 64) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (side_px, side_px), (200, 30, 30, 0)).save(file, "PNG")
    return file.getvalue()


def data_url(side_px: int) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture_file(side_px)).decode()}"


@dataclass(frozen=True)
class Operation:
    """A method of a path of the document."""

    method: str
    path: str
    described: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def named(self) -> list[str]:
        """The parts of its path that name something, in order; what belongs to nobody is left out."""
        return [part for part in PARAMETER.findall(self.path) if part not in OPEN_PATHS]

    def fill(self, things: Things) -> str:
        """Return its path with names in it."""
        path = self.path
        for part, name in (things | {part: value for part, (_, value) in OPEN_PATHS.items()}).items():
            path = path.replace(part, f"{part.split('/')[0]}/{name}")
        return path

    def is_at(self, route: str) -> bool:
        """Say whether a route, a method and the end of a path, is this one; a path that begins with a slash is whole."""
        method, path = route.split()
        return self.method == method and (self.path == path or (path[0] != "/" and self.path.endswith(f"/{path}")))


OPERATIONS = [
    Operation(method.upper(), path, described) for path, methods in DOCUMENT["paths"].items() for method, described in methods.items()
]
NAMING = [operation for operation in OPERATIONS if operation.named]
READING = [operation for operation in OPERATIONS if operation.method == "GET" and operation.path not in ENDLESS]
REFERRING = [(operation, reference) for operation in OPERATIONS for reference in REFERENCES if operation.is_at(reference.route)]
REFERRING = [(operation, reference) for operation, reference in REFERRING if not reference.needs or reference.needs in DOCUMENT["paths"]]


def texts(schema: Mapping[str, Any], path: str = "", seen: tuple[str, ...] = ()) -> Iterator[str]:
    """Give the path of every field of a schema that takes a text of the caller's choice, such as `images[].file_id`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from texts(DOCUMENT["components"]["schemas"][name], path, (*seen, name))
        return
    kinds = [kind for word in ("anyOf", "oneOf", "allOf") for kind in schema.get(word, ())]
    for kind in kinds:
        yield from texts(kind, path, seen)
    for name, field in schema.get("properties", {}).items():
        yield from texts(field, f"{path}.{name}" if path else name, seen)
    if isinstance(schema.get("additionalProperties"), Mapping):
        yield from texts(schema["additionalProperties"], f"{path}.*", seen)
    if "items" in schema:
        yield from texts(schema["items"], f"{path}[]", seen)
    is_open = schema.keys() <= {"title", "description", "default"}
    if is_open or (schema.get("type") == "string" and not schema.keys() & {"enum", "const"} and schema.get("format") != "binary"):
        yield path


def fields(operation: Operation) -> set[str]:
    """Return the fields of an operation, in its query, its headers or its body, that take a text of the caller's choice."""
    contents = operation.described.get("requestBody", {}).get("content", {}).values()
    found = {path for content in contents for path in texts(content["schema"])}
    for parameter in operation.described.get("parameters", ()):
        if parameter["in"] != "path":
            found |= set(texts(parameter["schema"], parameter["name"]))
    return found


def unknown(name: str) -> str:
    """Return a name of the same shape that nobody has."""
    if name.isdigit():
        return str(int(name) + 97)
    return name[:-NUM_CHANGED_CHARS] + name[-NUM_CHANGED_CHARS:].translate(MIRRORED)


def make_things(project: Project, operation: Operation) -> Things:
    """Make what an operation's path names, each in what comes before it."""
    makers = PATHS | next((makers for route, makers in PATHS_OF_ROUTES.items() if operation.is_at(route)), {})
    things: Things = {}
    for part in operation.named:
        things[part] = makers[part](project, things)
    return things


def said(answer: httpx2.Response, names: Mapping[str, str]) -> Any:
    """Return all that an answer tells, with the names that were asked for taken out."""
    text = answer.text
    for name in names.values():
        text = re.sub(rf"\b{re.escape(name)}\b", "NAME", text)
    headers = {name: answer.headers[name] for name in answer.headers if name not in PASSING_HEADERS}
    return answer.status_code, text, headers


def see(project: Project, things: Things) -> dict[str, Any]:
    """Return what a project sees of its things and of itself, on every route that reads."""
    reading = [operation for operation in READING if things.keys() >= set(operation.named)]
    answers = {str(operation): project.call("GET", operation.fill(things)) for operation in reading}
    return {route: (answer.status_code, SIGNED.sub(b"", answer.content)) for route, answer in answers.items()}


def requests_of(operation: Operation) -> list[dict[str, Any]]:
    return next((requests for route, requests in REQUESTS.items() if operation.is_at(route)), [{}])


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_everything_that_a_route_can_name_is_known_here(operation: Operation):
    parts = {part for part in PARAMETER.findall(operation.path) if part not in PATHS and part not in OPEN_PATHS}
    referred = {reference.field for reference in REFERENCES if operation.is_at(reference.route)}
    unheard = {field for field in fields(operation) - referred if re.findall(r"[^.\[\]]+", field)[-1] not in PLAIN_FIELDS}

    assert parts == set(), f"{operation}: say in PATHS how a project comes by such a thing, or in OPEN_PATHS why it belongs to none"
    assert unheard == set(), f"{operation}: say in REFERENCES what these fields name, or put them among PLAIN_FIELDS"


@pytest.mark.parametrize("operation", NAMING, ids=str)
def test_a_thing_of_another_project_is_answered_as_one_that_nobody_has(operation: Operation, owner: Project, stranger: Project):
    theirs, own = make_things(owner, operation), make_things(stranger, operation)
    rest(owner)
    before = see(owner, theirs)

    for chosen in itertools.product((theirs, own), repeat=len(theirs)):
        mixed = {part: source[part] for part, source in zip(theirs, chosen, strict=True)}
        if all(source is own for source in chosen):
            continue
        nobodys = {part: unknown(name) if source is theirs else name for (part, name), source in zip(mixed.items(), chosen, strict=True)}
        for request in requests_of(operation):
            asked, guessed = (stranger.call(operation.method, operation.fill(names), **request) for names in (mixed, nobodys))
            assert said(asked, mixed) == said(guessed, nobodys)
            assert 400 <= asked.status_code < 500

    assert see(owner, theirs) == before
    for request in requests_of(operation):  # nothing else was wrong with it
        answer = owner.call(operation.method, operation.fill(theirs), **request)
        assert answer.is_success or any(operation.is_at(route) for route in FAILING)


@pytest.mark.parametrize(("operation", "reference"), REFERRING, ids=lambda case: getattr(case, "field", str(case)))
def test_a_name_of_another_project_s_in_a_field_is_answered_as_one_that_nobody_has(
    operation: Operation, reference: Reference, owner: Project, stranger: Project
):
    own, theirs = make_things(stranger, operation), make_things(owner, operation)
    name = reference.make(owner, theirs)

    asked, guessed = (
        stranger.call(operation.method, operation.fill(own), **reference.request(said_name)) for said_name in (name, unknown(name))
    )

    assert said(asked, {"": name}) == said(guessed, {"": unknown(name)})
    assert owner.call(operation.method, operation.fill(theirs), **reference.request(name)).is_success


@pytest.mark.parametrize("operation", READING, ids=str)
def test_what_a_stranger_reads_of_his_own_tells_nothing_of_another_project(operation: Operation, everything: Things, stranger: Project):
    path = operation.fill(make_things(stranger, operation))

    text = stranger.call("GET", path).text

    assert [name for name in everything.values() if name in text] == []


def run_generation(project: Project, name: str) -> str:
    """Return what became of a queued generation that begins with a picture."""
    body = {"model": "tiny", **SMALL, "input_image": name}
    path = f"/api/ai/queue/{project.make('/api/ai/queue', json=body)['generations'][0]['generation_id']}"
    wait_for(lambda: project.call("GET", path).json()["completed_at"] is not None)
    ended = project.call("GET", path).json()
    return f"{ended['status']}: {ended['error_message']}"


def run_batch(project: Project, name: str) -> str:
    """Return what became of a line of a batch that edits a picture."""
    line = {"custom_id": "a", "method": "POST", "url": "/v1/images/edits", "body": editing({"file_id": name})["json"]}
    batch = project.make("/v1/batches", json={**batching(upload_lines(project, line)), "endpoint": "/v1/images/edits"})
    path = f"/v1/batches/{batch['id']}"
    wait_for(lambda: project.call("GET", path).json()["status"] in ("completed", "failed"))
    ended = project.call("GET", path).json()
    if ended["error_file_id"] is None:
        return str(ended["status"])
    answer = json.loads(project.call("GET", f"/v1/files/{ended['error_file_id']}/content").text)["response"]
    return f"{answer['status_code']}: {answer['body']}"


LATER = {"/api/ai/queue": run_generation, "/v1/batches": run_batch}  # what is looked up when nobody waits any more


@pytest.mark.parametrize("path", [path for path in LATER if path in DOCUMENT["paths"]])
@pytest.mark.parametrize("make", [make_file, make_picture])
def test_work_that_waits_sees_no_more_of_another_project_than_what_is_answered_at_once(
    path: str, make: Maker, owner: Project, stranger: Project
):
    run, name = LATER[path], make(owner, {})

    asked, guessed = run(stranger, name), run(stranger, unknown(name))

    assert asked.replace(name, "NAME") == guessed.replace(unknown(name), "NAME")
    assert run(owner, name) != asked


@pytest.fixture(scope="module")
def everything(owner: Project) -> Things:
    """One thing of each kind, of the owner's."""
    paths = {part for operation in NAMING for part in operation.named}
    things = {part: make(owner, {}) for part, make in PATHS.items() if part in paths}
    return {"project": owner.project_id, **things}
