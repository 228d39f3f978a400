"""`openai` for Python asks which models there are, and what moderation thinks."""

from __future__ import annotations

import base64
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.moderation import Categories, CategoryAppliedInputTypes, CategoryScores

UPSTREAM_NAMES = {
    "gpt-image-1",
    "gpt-image-1-mini",
    "gpt-image-1.5",
    "gpt-image-1.5-2025-12-16",
    "chatgpt-image-latest",
    "dall-e-2",
    "dall-e-3",
}
THREAT = "I will kill you and your whole family tonight, you worthless pig"


def test_the_list_holds_own_models_snapshots_and_upstream_names(client: OpenAI):
    models = list(client.models.list())

    assert UPSTREAM_NAMES | {"limner", "tiny-0", "tiny-1"} <= {model.id for model in models}
    assert {(model.object, model.owned_by, model.shutdown_date) for model in models} == {("model", "limner", None)}
    assert all(model.created > 1_700_000_000 for model in models)


def test_each_listed_model_can_be_looked_up(client: OpenAI):
    models = list(client.models.list())

    assert [client.models.retrieve(model.id) for model in models] == models


def test_a_model_that_does_not_exist_is_not_found(client: OpenAI):
    with pytest.raises(openai.NotFoundError) as missing:
        client.models.retrieve("gpt-9")

    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")


def fields(model: type) -> dict[str, str]:
    """Return the attributes of one of the client's maps, with the category that each stands for."""
    return {name: field.alias or name for name, field in model.model_fields.items()}


def test_a_text_is_judged_in_all_thirteen_categories(client: OpenAI):
    answer = client.moderations.create(input="a red apple on a table")

    (result,) = answer.results
    assert answer.id.startswith("modr-")
    assert result.flagged is False
    assert len(fields(Categories)) == 13
    assert {getattr(result.categories, name) for name in fields(Categories)} == {False}
    assert all(0 <= getattr(result.category_scores, name) <= 1 for name in fields(CategoryScores))
    assert {tuple(getattr(result.category_applied_input_types, name)) for name in fields(CategoryAppliedInputTypes)} == {("text",)}


def test_each_text_of_a_list_has_its_own_result(client: OpenAI):
    answer = client.moderations.create(input=["a red apple", THREAT, "a blue bird"], model="omni-moderation-latest")

    assert answer.model == "omni-moderation-latest"
    assert [result.flagged for result in answer.results] == [False, True, False]
    threat = answer.results[1]
    assert any(getattr(threat.categories, name) for name in ("harassment", "harassment_threatening", "violence"))
    assert max(threat.category_scores.violence, threat.category_scores.harassment, threat.category_scores.harassment_threatening) > 0.5


def test_text_and_pictures_together_have_one_result(client: OpenAI, pictures: Any):
    url = f"data:image/png;base64,{base64.b64encode(pictures.draw(64, 64)).decode()}"

    answer = client.moderations.create(input=[{"type": "text", "text": "a red apple"}, {"type": "image_url", "image_url": {"url": url}}])

    (result,) = answer.results
    assert result.flagged is False
    assert result.category_applied_input_types.sexual == ["text", "image"]
    assert result.category_applied_input_types.violence == ["text", "image"]
    assert result.category_applied_input_types.harassment == ["text"]


def test_a_moderation_model_that_does_not_exist_is_refused_by_name(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.moderations.create(input="a red apple", model="omni-moderation-9")

    assert refused.value.param == "model"


def test_a_prompt_that_moderation_refuses_is_answered_with_stage_and_categories(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        client.images.generate(prompt=THREAT, size="256x256", quality="low")

    error = refused.value
    assert (error.code, error.type) == ("moderation_blocked", "image_generation_user_error")
    assert error.body["moderation_details"]["moderation_stage"] == "input"
    assert error.body["moderation_details"]["categories"]
    assert "safety_violations=[" in error.message
    assert str(error.request_id) in error.message
