"""`litellm` against a server: prints what it saw as one JSON object. Arguments: a picture, a mask."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import litellm
import openai

litellm.suppress_debug_info = True
WHERE = {"api_base": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"], "max_retries": 0}
AZURE = {"api_base": os.environ["OPENAI_BASE_URL"].removesuffix("/v1"), "api_version": "2025-04-01-preview", "model": "azure/gpt-image-1.5"}
SMALL = {"model": "openai/gpt-image-1.5", "size": "256x256", "quality": "low", **WHERE}


def failure(call: Callable[..., Any], **words: Any) -> dict[str, Any]:
    try:
        call(**words)
    except openai.APIStatusError as error:  # the root of litellm's own errors
        return {"class": type(error).__name__, "status": error.status_code, "message": str(error)}
    raise AssertionError("nothing was refused")


def main() -> None:
    source, mask = map(Path, sys.argv[1:])
    drawn = litellm.image_generation(prompt="a red apple", n=2, output_format="webp", **SMALL)
    url = litellm.image_generation(prompt="a red apple", **SMALL | {"model": "openai/dall-e-2", "quality": None})
    with source.open("rb") as first, source.open("rb") as second, source.open("rb") as third, mask.open("rb") as allowed:
        edited = litellm.image_edit(image=first, prompt="a blue bird", **SMALL)
        both = litellm.image_edit(image=[second, source.read_bytes()], prompt="a blue bird", n=2, **SMALL)
        with_azure = [litellm.image_generation(prompt="a red apple", **SMALL | AZURE)]
        with_azure.append(litellm.image_edit(image=source.read_bytes(), prompt="a blue bird", **SMALL | AZURE))
        masked = litellm.image_edit(image=third, mask=allowed, prompt="a blue bird", **SMALL)
    facts = {
        "drawn": [item.b64_json for item in drawn.data],
        "size": drawn.size,
        "tokens": [drawn.usage.input_tokens, drawn.usage.output_tokens, drawn.usage.total_tokens],
        "cost": drawn._hidden_params["response_cost"],
        "url": url.data[0].url,
        "edited": edited.data[0].b64_json,
        "both": [item.b64_json for item in both.data],
        "image_tokens": [dict(answer.usage.input_tokens_details)["image_tokens"] for answer in (edited, both)],
        "azure": [answer.data[0].b64_json for answer in with_azure],
        "masked": masked.data[0].b64_json,
        "failures": {
            "model": failure(litellm.image_generation, prompt="x", **SMALL | {"model": "openai/gpt-image-9"}),
            "size": failure(litellm.image_generation, prompt="x", **SMALL | {"size": "77x77"}),
            "azure": failure(litellm.image_generation, prompt="x", **SMALL | AZURE | {"model": "azure/nobody"}),
            "key": failure(litellm.image_generation, prompt="x", **SMALL | {"api_key": "wrong"}),
        },
    }
    sys.stdout.write("\n" + json.dumps(facts))


if __name__ == "__main__":
    main()
