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
MAX_EXAMPLES = 25
CHEAP = {"size": "256x256", "quality": "low"}
CONFIG = {
    "seed": 1,
    "generation": {"max-examples": MAX_EXAMPLES, "deterministic": True, "database": "none", "with-security-parameters": False},
    "phases": {"coverage": {"unexpected-methods": ["PATCH", "OPTIONS", "TRACE"]}},
}


DOCUMENT = build_document(make_router_app())
api = schemathesis.openapi.from_dict(DOCUMENT, config=SchemathesisConfig.from_dict(CONFIG))


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@schemathesis.check
def one_error_shape(_: Any, response: schemathesis.Response, __: schemathesis.Case) -> None:
    """Every answer that is no success is one error object."""
    if not 200 <= response.status_code < 300:
        error = json.loads(response.content)["error"]
        assert error.keys() - {"moderation_details"} == {"message", "type", "param", "code"}
        assert error["message"].endswith((".", "!", "?"))
        assert len(error["message"]) < 1000


def make_cheap(case: schemathesis.Case) -> None:
    """Ask for small pictures where the size was left open: they say as much about the document."""
    if case.path.startswith("/v1/images/") and isinstance(case.body, dict):
        for name, value in CHEAP.items():
            if not (name == "quality" and case.path.endswith("/variations")):
                case.body[name] = value if case.body.get(name) is None else case.body[name]


@api.parametrize()
@settings(
    max_examples=MAX_EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_every_operation_answers_as_the_document_says(case: schemathesis.Case, session: requests.Session, served: Any):
    make_cheap(case)
    is_form = case.media_type == "multipart/form-data"  # in which nothing and an empty text look alike, and both count as absent
    excluded = [positive_data_acceptance, *([negative_data_rejection] if is_form else [])]

    response = case.call_and_validate(
        base_url=served.url,
        session=session,
        headers={"Authorization": f"Bearer {served.key}"},
        additional_checks=[one_error_shape],
        excluded_checks=excluded,
        timeout=60,
    )

    assert response.headers["x-request-id"]


def test_the_document_is_served_to_everyone(served: Any):
    answer = requests.get(f"{served.url}/openapi.json", timeout=60)

    assert answer.json() == DOCUMENT
