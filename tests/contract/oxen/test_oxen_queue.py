"""Queued generations and their events: each ends once, as what it is, for those alone whom it belongs to."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Callable
from typing import Any

import httpx2
import numpy as np
import pytest
from PIL import Image

QUEUE, HISTORY = "/api/ai/queue", "/api/ai/generations"
SMALL = {"model": "gpt-image-1-5", "prompt": "a red ball", "size": "256x256", "quality": "low", "seed": 7}
SLOW = SMALL | {"size": "1536x1024", "quality": "high"}
UNKNOWN = "01890000-0000-7000-8000-000000000000"
Enqueue = Callable[..., list[str]]
Poll = Callable[..., dict[str, Any]]


def png_uri(side: int = 256) -> str:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_generation_is_drawn_later_and_stands_in_the_projects_history(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    (generation_id,) = enqueue(client)

    done = poll(client, generation_id)

    assert done["status"] == "succeeded"
    assert (done["model_name"], done["prompt"], done["media_type"]) == ("gpt-image-1-5", "a red ball", "image")
    assert done["enqueued_at"] <= done["started_at"] <= done["completed_at"]
    assert (done["size"], done["seed"], done["error_message"]) == ("256x256", 7, None)
    picture = client.get(done["result_url"], headers={"authorization": ""})
    kept = client.get(f"/limner/v1/pictures/{done['picture_id']}/content")
    drawn_now = client.post("/api/ai/images/generate", json={**SMALL, "response_format": "b64_json"})
    assert picture.content == kept.content == base64.b64decode(drawn_now.json()["images"][0]["b64_json"])


def test_as_many_generations_as_asked_for_each_with_its_own_id_and_end(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    ids = enqueue(client, num_generations=4, seed=None)

    done = [poll(client, generation_id) for generation_id in ids]

    assert len({*ids}) == 4
    assert [item["status"] for item in done] == ["succeeded"] * 4
    assert len({item["picture_id"] for item in done}) == 4


@pytest.mark.parametrize("output_format", ["webp", "jpeg"])
def test_a_result_comes_in_the_format_that_was_asked_for(client: httpx2.Client, enqueue: Enqueue, poll: Poll, output_format: str):
    (generation_id,) = enqueue(client, output_format=output_format)

    picture = client.get((poll(client, generation_id))["result_url"])

    assert picture.headers["content-type"] == f"image/{output_format}"
    assert read(picture.content).format == output_format.upper()
    assert b"trainedAlgorithmicMedia" in picture.content


def test_input_images_come_as_data_uris_of_which_only_the_beginning_is_told_again(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    ids = enqueue(client, input_image=[png_uri()], num_generations=2)

    done = [poll(client, generation_id) for generation_id in ids]

    assert [item["status"] for item in done] == ["succeeded"] * 2
    assert [item["input_image"] for item in done] == [["data:image/png;base64,"]] * 2
    kept = (client.get(f"/limner/v1/pictures/{done[0]['picture_id']}")).json()
    assert kept["kind"] == "edit"


def test_the_result_of_one_generation_is_the_next_ones_input_and_its_parent(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    first = poll(client, (enqueue(client))[0])

    second = poll(client, (enqueue(client, prompt="a blue box", input_image=first["result_url"]))[0])

    lineage = (client.get(f"/limner/v1/pictures/{second['picture_id']}/lineage")).json()["data"]
    assert [turn["id"] for turn in lineage] == [first["picture_id"], second["picture_id"]]


def test_the_url_of_an_answer_is_the_next_requests_input_too(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    url = (client.post("/api/ai/images/generate", json=SMALL)).json()["images"][0]["url"]

    answer = client.post("/api/ai/images/edit", json={**SMALL, "input_image": url})

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"size": "17x17"}, "size"),
        ({"size": 5}, "size"),
        ({"steps": 50}, "steps"),
        ({"n": 2}, "num_generations"),
        ({"response_format": "b64_json"}, "response_format"),
        ({"input_image": "http://127.0.0.1/a.png"}, "input_image"),
        ({"input_image": "data:image/png;base64,AAAA"}, "input_image"),
        ({"input_image": [{"url": "data:image/png;base64,AAAA"}]}, "input_image"),
        ({"status": "succeeded"}, "status"),
    ],
)
def test_a_bad_parameter_fails_the_generation_and_is_named(
    client: httpx2.Client, enqueue: Enqueue, poll: Poll, fields: dict[str, Any], named: str
):
    (generation_id,) = enqueue(client, **fields)

    done = poll(client, generation_id)

    assert (done["status"], done["result_url"], done["picture_id"]) == ("failed", None, None)
    assert named in done["error_message"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"model": "flux-9"}, 404),
        ({"prompt": ""}, 400),
        ({"prompt": "x" * 32_001}, 400),
        ({"num_generations": 0}, 400),
        ({"num_generations": 13}, 400),
        ({"num_generations": "2"}, 400),
        ({"target_repo": 5}, 400),
    ],
)
def test_what_can_be_known_before_is_refused_before(
    client: httpx2.Client, enqueue: Enqueue, poll: Poll, fields: dict[str, Any], status: int
):
    answer = client.post(QUEUE, json={**SMALL, **fields})

    assert answer.status_code == status
    assert answer.json()["status"] == "error"
    assert (client.get(HISTORY)).json()["total_entries"] == 0


def test_cancelling_ends_what_is_drawn_and_what_waits_and_leaves_no_picture(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    ids = enqueue(client, **SLOW, num_generations=3)
    while client.get(QUEUE, params={"status": "processing"}).json()["count"] < 1:
        time.sleep(0.02)

    answers = [client.delete(f"{QUEUE}/{generation_id}") for generation_id in ids]

    done = [poll(client, generation_id) for generation_id in ids]
    after = poll(client, (enqueue(client))[0])
    assert [answer.json() for answer in answers] == [{"status": "success", "generation_id": generation_id} for generation_id in ids]
    assert [item["status"] for item in done] == ["cancelled"] * 3
    assert after["status"] == "succeeded"
    assert [item["id"] for item in (client.get("/limner/v1/pictures")).json()["data"]] == [after["picture_id"]]


def test_cancelling_what_has_ended_changes_nothing(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    (generation_id,) = enqueue(client)
    before = poll(client, generation_id)

    answer = client.delete(f"{QUEUE}/{generation_id}")

    after = poll(client, generation_id)
    assert answer.json() == {"status": "success", "generation_id": generation_id}
    assert {**before, "result_url": None} == {**after, "result_url": None}
    assert (client.get(after["result_url"])).status_code == 200


def test_the_queue_lists_what_is_open_and_the_history_everything_by_pages(client: httpx2.Client, enqueue: Enqueue, poll: Poll):
    ids = enqueue(client, num_generations=3, target_namespace="elau", target_repo="assets", target_directory="ox")
    for generation_id in ids:
        poll(client, generation_id)
    (failed,) = enqueue(client, size="1x1", model="gpt-image-2")
    poll(client, failed)

    opened = (client.get(QUEUE)).json()
    page = (client.get(HISTORY, params={"page": 2, "page_size": 3})).json()
    chosen = [
        (client.get(HISTORY, params=params)).json()["total_entries"]
        for params in (
            {"status": "failed"},
            {"model": "gpt-image-1-5"},
            {"namespace": "elau", "repo": "assets", "folder": "ox"},
            {"namespace": "nobody"},
            {"media_type": "image"},
            {"media_type": "video"},
        )
    ]

    assert opened == {"count": 0, "generations": []}
    assert {name: page[name] for name in ("count", "page_number", "page_size", "total_pages", "total_entries", "total_cost")} == {
        "count": 1,
        "page_number": 2,
        "page_size": 3,
        "total_pages": 2,
        "total_entries": 4,
        "total_cost": None,
    }
    assert page["generations"][0]["generation_id"] == ids[0]
    assert chosen == [1, 3, 3, 0, 4, 0]
    one = (client.get(f"{HISTORY}/{failed}")).json()
    assert (one["status"], one["status_message"], one["generation"]["generation_id"]) == ("success", "resource_found", failed)


def test_a_link_stops_when_it_is_changed_when_its_time_is_over_and_when_the_picture_is_deleted(
    client: httpx2.Client, enqueue: Enqueue, poll: Poll, other: httpx2.Client
):
    done = poll(client, (enqueue(client))[0])
    url = httpx2.URL(done["result_url"])
    later = str(int(url.params["expires"]) + 1)

    changed = [url.copy_set_param("expires", later), url.copy_set_param("signature", "0" * 64), url.copy_remove_param("signature")]
    statuses = [(client.get(str(link))).status_code for link in (url, *changed)]
    client.delete(f"/limner/v1/pictures/{done['picture_id']}")

    assert statuses == [200, 404, 404, 404]
    assert (client.get(str(url))).status_code == 404
    assert (poll(client, done["generation_id"]))["result_url"] is None


def test_generations_of_one_project_do_not_exist_for_another(client: httpx2.Client, enqueue: Enqueue, poll: Poll, other: httpx2.Client):
    (generation_id,) = enqueue(client)
    done = poll(client, generation_id)

    foreign = [other.request(method, f"{path}/{generation_id}") for method, path in REACHES]
    unknown = [other.request(method, f"{path}/{UNKNOWN}") for method, path in REACHES]

    assert [answer.status_code for answer in foreign] == [404] * 3
    assert [answer.text.replace(generation_id, UNKNOWN) for answer in foreign] == [answer.text for answer in unknown]
    assert other.get(HISTORY).json()["total_entries"] == 0
    borrowed = other.post("/api/ai/images/edit", json={**SMALL, "input_image": done["picture_id"]})
    assert borrowed.status_code == 404


REACHES = [("GET", QUEUE), ("DELETE", QUEUE), ("GET", HISTORY)]
