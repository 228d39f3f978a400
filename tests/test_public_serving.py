"""What other projects' serving benchmarks need of a server, without getting them: what they send is answered, and nothing else is run."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from benchmarks.public_serving import DEPLOYMENT, SGLANG, VLLM_OMNI, check, serving

OPTIONS = argparse.Namespace(requests=3, at_once=2, size="256x256", width=256, height=256, quality="low")
SENT: dict[str, tuple[dict[str, Any], dict[str, str]]] = {  # what each sends, and its headers
    "sglang": ({"n": 1, "response_format": "b64_json", "size": "256x256"}, {}),
    "vllm-omni": ({"n": 1, "size": "256x256", "response_format": "b64_json"}, {"Authorization": "Bearer EMPTY"}),
}


def test_what_they_send_is_answered_with_the_quality_that_was_chosen(tiny_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIMNER_WEIGHTS_DIR", str(tiny_weights))
    monkeypatch.setenv("LIMNER_THREADS", "1")

    with serving(tmp_path, OPTIONS) as url:
        words = {"model": DEPLOYMENT, "prompt": "Random prompt 0 for benchmarking diffusion models"}
        answers = {
            name: httpx2.post(f"{url}/v1/images/generations", json=words | body, headers=headers, timeout=60)
            for name, (body, headers) in SENT.items()
        }
        health = httpx2.get(f"{url}/health")

    assert health.status_code == 200
    assert {name: (answer.status_code, answer.json()["quality"], len(answer.json()["data"])) for name, answer in answers.items()} == {
        name: (200, "low", 1) for name in SENT
    }


def test_no_flag_asks_for_denoising_steps(tmp_path: Path):
    commands = [published.command(tmp_path, "http://127.0.0.1:1", OPTIONS) for published in (SGLANG, VLLM_OMNI)]

    for command in commands:
        assert command[command.index("--warmup-requests") + 1] == "0"
        assert "--num-inference-steps" not in command
    (profile,) = json.loads(commands[1][commands[1].index("--random-request-config") + 1])
    assert profile["num_inference_steps"] is None


def test_a_program_that_is_not_the_published_one_is_not_run(tmp_path: Path):
    name, content = "bench.py", b"print('fast')\n"
    published = replace(SGLANG, digests={name: hashlib.sha256(content).hexdigest()})
    (tmp_path / name).write_bytes(content)
    check(published, tmp_path)

    (tmp_path / name).write_bytes(content.replace(b"fast", b"slow"))

    with pytest.raises(SystemExit, match=r"is not the file of sglang==0\.5\.23"):
        check(published, tmp_path)
