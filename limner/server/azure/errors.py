"""OpenAI's error object with Azure's codes and additions, for requests that came on Azure's paths.

Source: Microsoft's REST reference of Azure OpenAI (`ErrorResponse`, `InnerError`), and what its gateway answers before the model.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from limner.errors import Blocked, UnknownModel
from limner.server.errors import ErrorAnswer

CODES_OF_STATUS: Mapping[int, str] = {401: "401", 403: "Forbidden", 429: "429"}
CODES: Mapping[str, str] = {UnknownModel.code: "DeploymentNotFound", "unknown_url": "404"}
FILTERS: Mapping[str, frozenset[str]] = {  # Azure's four words, and the first parts of the names of ours that they cover
    "hate": frozenset({"hate", "harassment"}),
    "self_harm": frozenset({"self-harm"}),
    "sexual": frozenset({"sexual"}),
    "violence": frozenset({"violence"}),
}


def write_azure_error(told: ErrorAnswer) -> dict[str, Any]:
    """Write an error: what Azure's gateway says has its codes, everything else is as under `/v1`."""
    body = told.as_json()
    error = body["error"]
    error["code"] = CODES_OF_STATUS.get(told.status) or CODES.get(str(error["code"]), error["code"])
    details = told.body.error.moderation_details
    if told.body.error.code == Blocked.code and details is not None:
        results = write_filter_results(details.categories)
        error["inner_error"] = {"code": "ResponsibleAIPolicyViolation", "content_filter_results": results}
    return body


def write_filter_results(blocked: Collection[str], words: Collection[str] = tuple(FILTERS)) -> dict[str, Any]:
    """Return Azure's annotation: `medium` is what was over the bar, `safe` what was not; nothing finer is claimed."""
    found = {category.partition("/")[0] for category in blocked}
    is_filtered = {word: bool(FILTERS[word] & found) for word in words}
    return {word: {"filtered": filtered, "severity": "medium" if filtered else "safe"} for word, filtered in is_filtered.items()}
