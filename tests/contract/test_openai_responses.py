"""`openai` for Python asks for responses: every way to ask, to go on, to name a picture, and to be refused."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

TOOL: dict[str, Any] = {"type": "image_generation", "size": "256x256", "quality": "low"}
BOX = (64, 64, 192, 192)
BLOCKED = "a naked child"


def ask(client: OpenAI, said: Any = "a red apple", **fields: Any) -> Any:
    """Ask for a response; fields of the tool begin with `tool_`."""
    tool = {name.removeprefix("tool_"): value for name, value in fields.items() if name.startswith("tool_") and name != "tool_choice"}
    rest = {name: value for name, value in fields.items() if not name.startswith("tool_") or name == "tool_choice"}
    return client.responses.create(**{"model": "gpt-5", "input": said, "tools": [{**TOOL, **tool}], **rest})


def drawn(response: Any) -> list[Any]:
    return [item for item in response.output if item.type == "image_generation_call"]


def picture(response: Any, index: int = 0) -> bytes:
    return base64.b64decode(drawn(response)[index].result, validate=True)


def data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def message(*parts: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": list(parts)}


def text(words: str) -> dict[str, Any]:
    return {"type": "input_text", "text": words}


def gone(client: OpenAI, picture_id: str) -> bool:
    try:
        client.get(f"{str(client.base_url).removesuffix('/v1/')}/limner/v1/pictures/{picture_id}", cast_to=httpx2.Response)
    except openai.NotFoundError:
        return True
    return False


def test_a_response_draws_what_was_said_and_tells_everything_that_upstream_tells(client: OpenAI, pictures: Any):
    response = ask(client, tool_seed=5, metadata={"order": "7"}, safety_identifier="someone")

    call, said = response.output
    assert (response.object, response.status, response.error, response.model) == ("response", "completed", None, "gpt-5")
    assert (call.type, call.status, call.action, call.size, call.quality) == (
        "image_generation_call",
        "completed",
        "generate",
        "256x256",
        "low",
    )
    assert (call.background, call.output_format, call.limner["seed"]) == ("opaque", "png", 5)
    assert call.revised_prompt
    assert (said.type, said.role, said.content[0].text, response.output_text) == ("message", "assistant", "", "")
    assert [response.id[:5], call.id[:3], said.id[:4]] == ["resp_", "ig_", "msg_"]
    assert response.tools[0].to_dict() == {
        **TOOL, "background": "auto", "moderation": "auto", "n": 1, "output_compression": 100, "output_format": "png", "seed": 5,
    }  # fmt: skip
    assert (response.metadata, response.safety_identifier, response.store, response.background) == ({"order": "7"}, "someone", True, False)
    assert (response.usage.total_tokens, response.tool_usage.image_gen.output_tokens) == (0, 272)
    assert response.completed_at >= response.created_at


def test_a_stored_response_comes_back_as_it_was_answered(client: OpenAI):
    asked = ask(client, [message(text("a red apple"))], instructions="be kind", tool_output_format="webp")

    again = client.responses.retrieve(asked.id)
    items = client.responses.input_items.list(asked.id)

    assert again.to_dict() == asked.to_dict()
    assert [(item.role, item.content[0].text) for item in items] == [("user", "a red apple")]


def test_what_is_not_stored_is_answered_and_nowhere_afterwards(client: OpenAI):
    response = ask(client, store=False)

    with pytest.raises(openai.NotFoundError) as unknown:
        client.responses.retrieve(response.id)
    with pytest.raises(openai.BadRequestError) as not_followed:
        ask(client, previous_response_id=response.id)

    assert picture(response)
    assert drawn(response)[0].limner["picture_id"] is None
    assert unknown.value.code == "response_not_found"
    assert (not_followed.value.code, not_followed.value.param) == ("previous_response_not_found", "previous_response_id")
    assert response.id in str(not_followed.value)


def test_ten_turns_keep_every_pixel_outside_the_mask(client: OpenAI, pictures: Any):
    mask = {"image_url": data_url(pictures.mask(BOX))}
    response = first = ask(client, "a meadow")
    parents = []
    for turn in range(10):
        response = ask(client, f"paint it in colour {turn}", previous_response_id=response.id, tool_input_image_mask=mask, tool_size="auto")
        parents.append(drawn(response)[0].limner["parent"])
        changed = pictures.changed(picture(first), picture(response))
        assert drawn(response)[0].action == "edit"
        changed[BOX[1] : BOX[3], BOX[0] : BOX[2]] = False
        assert not changed.any()

    assert len(set(parents)) == 10
    assert parents[0] == drawn(first)[0].limner["picture_id"]
    assert response.tools[0].input_image_mask.to_dict() == {}


def test_a_picture_can_be_sent_as_a_url_of_data_as_a_file_and_by_the_id_of_what_was_drawn(client: OpenAI, pictures: Any):
    source = pictures.draw()
    file = client.files.create(file=("a.png", source), purpose="vision")
    plain = {"type": "input_image", "detail": "auto"}
    seed = {"tool_seed": 3, "tool_input_image_mask": {"image_url": data_url(pictures.mask(BOX))}}

    by_url = ask(client, [message(text("a hole"), {**plain, "image_url": data_url(source)})], **seed)
    by_file = ask(client, [message(text("a hole"), {**plain, "file_id": file.id})], **seed)
    call = drawn(by_file)[0]
    by_id = ask(client, [{"type": "image_generation_call", "id": call.id}, message(text("a hill"))], **seed)
    by_reference = ask(client, [{"type": "item_reference", "id": call.id}, message(text("a hill"))], **seed)
    in_full = ask(client, [*by_file.output, message(text("a hill"))], **seed)
    unstored = ask(client, [call.to_dict(), message(text("a hill"))], store=False, **seed)

    assert picture(by_url) == picture(by_file) != source
    assert picture(by_id) == picture(by_reference) == picture(in_full) == picture(unstored) != picture(by_file)
    assert drawn(by_id)[0].limner["parent"] == call.limner["picture_id"]
    assert {drawn(response)[0].action for response in (by_url, by_file, by_id, by_reference, in_full, unstored)} == {"edit"}


def test_what_was_sent_is_kept_for_later_turns_and_shown_when_asked_for(client: OpenAI, pictures: Any):
    source = pictures.draw(seed=4)
    first = ask(client, [message(text("nothing yet"), {"type": "input_image", "image_url": data_url(source)})], tool_choice="none")
    mask = {"image_url": data_url(pictures.mask(BOX))}

    second = ask(client, "paint the middle", previous_response_id=first.id, tool_input_image_mask=mask)
    plain = client.responses.input_items.list(first.id).data[0]
    shown = client.responses.input_items.list(first.id, include=["message.input_image.image_url"]).data[0]

    changed = pictures.changed(source, picture(second))
    changed[BOX[1] : BOX[3], BOX[0] : BOX[2]] = False
    assert "No picture was drawn" in first.output_text
    assert not changed.any()
    assert plain.content[1].image_url is None
    assert shown.content[1].image_url == data_url(source)


def test_several_pictures_come_in_one_response_each_with_its_own_seed(client: OpenAI):
    several = ask(client, tool_n=3, tool_seed=10)
    second = ask(client, tool_seed=11)
    edited = ask(client, "paint it", previous_response_id=several.id)

    assert [call.limner["seed"] for call in drawn(several)] == [10, 11, 12]
    assert picture(several, 1) == picture(second)
    assert several.tool_usage.image_gen.output_tokens == 3 * 272
    assert drawn(edited)[0].limner["parent"] == drawn(several)[2].limner["picture_id"]


@pytest.mark.parametrize(
    ("choice", "draws"),
    [
        ("none", False),
        ("auto", True),
        ("required", True),
        ({"type": "image_generation"}, True),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "image_generation"}]}, True),
    ],
)
def test_the_choice_of_tools_is_kept_to_and_echoed(client: OpenAI, choice: Any, draws: bool):
    response = ask(client, tool_choice=choice)

    echoed = response.tool_choice
    assert (echoed if isinstance(echoed, str) else echoed.to_dict()) == choice
    assert bool(drawn(response)) is draws
    assert ("tool_choice is none" in response.output_text) is not draws


def test_without_a_tool_nothing_is_drawn_and_the_answer_says_so(client: OpenAI):
    response = client.responses.create(model="gpt-5", input="a red apple")

    assert drawn(response) == []
    assert "no image_generation tool" in response.output_text


def test_an_action_says_what_is_done_with_what_is_there(client: OpenAI):
    first = ask(client)

    anew = ask(client, "a blue boat", previous_response_id=first.id, tool_action="generate")
    with pytest.raises(openai.BadRequestError) as nothing_to_edit:
        ask(client, tool_action="edit")

    assert drawn(anew)[0].action == "generate"
    assert drawn(anew)[0].limner["parent"] is None
    assert nothing_to_edit.value.param == "tools[0].action"


def test_deleting_a_response_takes_its_pictures_from_every_later_turn(client: OpenAI):
    first = ask(client)
    call = drawn(first)[0]
    conversation = client.conversations.create()
    talked = ask(client, conversation=conversation.id)
    silent = ask(client, "thanks", previous_response_id=first.id, tool_choice="none")

    client.responses.delete(first.id)
    client.responses.delete(talked.id)

    assert gone(client, call.limner["picture_id"])
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)
    with pytest.raises(openai.NotFoundError) as by_id:
        ask(client, [{"type": "image_generation_call", "id": call.id}, message(text("a hill"))])
    with pytest.raises(openai.BadRequestError) as by_chain:
        ask(client, "paint it", previous_response_id=silent.id)
    with pytest.raises(openai.NotFoundError) as by_conversation:
        ask(client, "paint it", conversation=conversation.id)
    left = [item for item in client.conversations.items.list(conversation.id) if item.type == "image_generation_call"]
    assert (by_id.value.param, by_id.value.code) == ("input[0].id", "item_not_found")
    assert first.id in str(by_chain.value)
    assert drawn(talked)[0].id in str(by_conversation.value)
    assert [item.result for item in left] == [None]


def test_a_conversation_gathers_what_was_said_and_drawn_in_it(client: OpenAI):
    conversation = client.conversations.create(metadata={"topic": "fruit"}, items=[{"role": "user", "content": "hello"}])

    ask(client, "a red apple", conversation=conversation.id)
    second = ask(client, "make it blue", conversation={"id": conversation.id})
    items = list(client.conversations.items.list(conversation.id, order="asc", limit=2))

    kinds = ["message", "message", "image_generation_call", "message", "message", "image_generation_call", "message"]
    assert [item.type for item in items] == kinds
    assert items[5].result == drawn(second)[0].result
    assert drawn(second)[0].action == "edit"
    assert second.conversation.id == conversation.id


def test_a_conversation_is_changed_and_deleted_item_by_item(client: OpenAI, pictures: Any):
    sent = message(text("look"), {"type": "input_image", "image_url": data_url(pictures.draw())})
    conversation = client.conversations.create()

    added = client.conversations.items.create(conversation.id, items=[sent, {"role": "assistant", "content": "nice"}])
    one = client.conversations.items.retrieve(added.data[0].id, conversation_id=conversation.id)
    changed = client.conversations.update(conversation.id, metadata={"a": "b"})
    after = client.conversations.items.delete(added.data[0].id, conversation_id=conversation.id)
    left = list(client.conversations.items.list(conversation.id))
    deleted = client.conversations.delete(conversation.id)

    assert [item.role for item in added.data] == ["user", "assistant"]
    assert one.content[0].text == "look"
    assert (changed.metadata, after.id) == ({"a": "b"}, conversation.id)
    assert [item.id for item in left] == [added.data[1].id]
    assert (deleted.deleted, deleted.object) == (True, "conversation.deleted")
    with pytest.raises(openai.NotFoundError):
        client.conversations.retrieve(conversation.id)


def test_input_items_are_paged_in_both_directions(client: OpenAI):
    said = [{"role": "user", "content": f"line {index}"} for index in range(5)]
    response = ask(client, said, tool_choice="none")

    newest = client.responses.input_items.list(response.id, limit=2)
    oldest = [item.content[0].text for item in client.responses.input_items.list(response.id, limit=2, order="asc")]

    assert [item.content[0].text for item in newest.data] == ["line 4", "line 3"]
    assert newest.has_more
    assert newest.last_id == newest.data[-1].id
    assert oldest == [f"line {index}" for index in range(5)]


def test_the_azure_header_names_the_image_model(client: OpenAI):
    response = ask(client, tool_model="gpt-image-1.5", extra_headers={"x-ms-oai-image-generation-deployment": "tiny-0"})

    assert response.tools[0].model == "tiny-0"
    assert drawn(response)[0].limner["snapshot"] == "tiny-0"


def test_the_tokens_of_a_text_are_counted(client: OpenAI):
    short = client.responses.input_tokens.count(model="gpt-5", input="a red apple")
    long = client.responses.input_tokens.count(input=[message(text("a red apple")), message(text("a red apple"))])

    assert short.object == "response.input_tokens"
    assert 0 < short.input_tokens * 2 == long.input_tokens


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"previous_response_id": "resp_1", "conversation": "conv_1"}, "previous_response_id"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"model": "gpt-image-1.5"}, "model"),
        ({"background": True, "store": False}, "background"),
        ({"said": [message({"type": "input_image", "image_url": "data:image/png;base64,AAAA"}, role="assistant")]}, "input[0].content[0]"),
        ({"said": [message({"type": "input_image", "image_url": "data:image/png;base64,!"})]}, "input[0].content[0].image_url"),
        ({"said": [message({"type": "input_image"})]}, "input[0].content[0]"),
        ({"said": [message(text(" "))]}, "input"),
        ({"said": "x" * 32_001}, "input"),
        ({"tool_size": "77x77"}, "tools[0].size"),
        ({"tool_background": "transparent", "tool_output_format": "jpeg"}, "tools[0].background"),
        ({"tool_input_image_mask": {"file_id": "file-1"}}, "tools[0].input_image_mask.file_id"),
        ({"tool_n": 3, "max_tool_calls": 2}, "max_tool_calls"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [TOOL, TOOL]}, "tools[1]"),
        ({"tools": [], "tool_choice": "required"}, "tool_choice"),
        ({"extra_body": {"prompt": {"id": "p"}}}, "prompt"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format.type"),
        ({"stream_options": {"include_obfuscation": True}}, "stream_options"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_is_refused_by_name_before_anything_is_drawn(client: OpenAI, fields: dict[str, Any], param: str, stream: bool):
    if stream and "stream_options" in fields:
        fields = {"tool_choice": "required", "tools": []}
        param = "tool_choice"

    with pytest.raises(openai.APIStatusError) as refused:
        ask(client, stream=stream, **fields)

    assert refused.value.status_code in (400, 404)
    assert refused.value.param == param


def test_a_prompt_that_moderation_refuses_is_an_error_like_that_of_the_images(client: OpenAI):
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, BLOCKED)
    with pytest.raises(openai.BadRequestError) as queued:
        ask(client, BLOCKED, background=True)

    assert (refused.value.code, refused.value.type) == ("moderation_blocked", "image_generation_user_error")
    assert queued.value.code == "moderation_blocked"


def test_unknown_ids_are_answered_alike(client: OpenAI):
    unknown = "0" * 45

    for call in (
        lambda: client.responses.retrieve(f"resp_{unknown}"),
        lambda: client.responses.delete("nonsense"),
        lambda: client.responses.cancel(f"resp_{unknown}"),
        lambda: client.responses.input_items.list(f"resp_{unknown}"),
        lambda: client.conversations.retrieve(f"conv_{unknown}"),
        lambda: client.conversations.items.list(f"conv_{unknown}"),
        lambda: ask(client, conversation=f"conv_{unknown}"),
    ):
        with pytest.raises(openai.NotFoundError) as not_found:
            call()
        assert not_found.value.code in ("response_not_found", "conversation_not_found")
