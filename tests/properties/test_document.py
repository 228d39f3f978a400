"""The OpenAPI document is true: what it promises is answered, and what it forbids is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from limner.server.app import make_router_app
from limner.server.documents import build_document

load_all_checks()
MAX_EXAMPLES, FEW_EXAMPLES = 25, 8
CHEAP = {"size": "256x256", "quality": "low"}
MANY = {"n": 10, "num_generations": 12}  # how many can be asked for
DRAWING = ("/v1/images/", "/api/ai/images/", "/api/ai/queue")
CONFIG = {
    "seed": 1,
    "generation": {"max-examples": MAX_EXAMPLES, "deterministic": True, "database": "none", "with-security-parameters": False},
    "phases": {"coverage": {"unexpected-methods": ["PATCH", "OPTIONS", "TRACE"]}},
}


DOCUMENT = build_document(make_router_app())
ENDLESS = "/api/events"  # its answer has no end
OXEN = "/api/"
api = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG)).exclude(path=ENDLESS)
LIKE_OTHERS = "^/(api|v1/webhook)"  # routes that read their bodies as the others do


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@schemathesis.check
def one_error_shape(_: Any, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """Every answer that is no success is one error object, in the form of its path's dialect."""
    if not 200 <= response.status_code < 300 and case.path.startswith(OXEN):
        body = json.loads(response.content)
        assert (body["status"], body["status_message"]) == ("error", body["error"]["type"])
        assert body["error"]["detail"].endswith((".", "!", "?"))
    elif not 200 <= response.status_code < 300:
        error = json.loads(response.content)["error"]
        assert error.keys() - {"moderation_details"} == {"message", "type", "param", "code"}
        assert error["message"].endswith((".", "!", "?"))
        assert len(error["message"]) < 1000


def make_cheap(case: schemathesis.Case) -> None:
    """Ask for small pictures where the size was left open, and for few: they say as much about the document."""
    if case.path.startswith(DRAWING) and isinstance(case.body, dict):
        for name in MANY.keys() & case.body.keys():
            if type(case.body[name]) is int and 1 < case.body[name] <= MANY[name]:
                case.body[name] = 2
        for name, value in CHEAP.items():
            if not (name == "quality" and case.path.endswith("/variations")):
                case.body[name] = value if case.body.get(name) is None else case.body[name]
    if case.path == "/v1/responses" and isinstance(case.body, dict):
        for tool in case.body["tools"] if isinstance(case.body.get("tools"), list) else []:
            if isinstance(tool, dict):
                tool.update({name: value for name, value in {**CHEAP, "n": 1}.items() if tool.get(name) is None or name == "n"})


def examples(max_examples: int) -> settings:
    """So many examples, the same every time."""
    return settings(
        max_examples=max_examples,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )


@api.exclude(path_regex=LIKE_OTHERS).parametrize()
@examples(MAX_EXAMPLES)
def test_every_operation_answers_as_the_document_says(case: schemathesis.Case, session: requests.Session, served: Any):
    answer = call(case, session, served)

    assert answer.headers["x-request-id"]


@api.include(path_regex=LIKE_OTHERS).parametrize()
@examples(FEW_EXAMPLES)
def test_oxens_and_webhooks_operations_answer_as_the_document_says(case: schemathesis.Case, session: requests.Session, served: Any):
    answer = call(case, session, served)

    assert answer.headers["x-request-id"]


def call(case: schemathesis.Case, session: requests.Session, served: Any) -> schemathesis.Response:
    """Make a call and hold its answer to the document."""
    make_cheap(case)
    is_form = case.media_type == "multipart/form-data"  # in which nothing and an empty text look alike, and both count as absent
    excluded = [positive_data_acceptance, *([negative_data_rejection] if is_form else [])]
    return case.call_and_validate(
        base_url=served.url,
        session=session,
        headers={"Authorization": f"Bearer {served.key}"},
        additional_checks=[one_error_shape],
        excluded_checks=excluded,
        timeout=60,
    )


def test_the_document_is_served_to_everyone(served: Any):
    answer = requests.get(f"{served.url}/openapi.json", timeout=60)

    assert answer.json() == DOCUMENT
