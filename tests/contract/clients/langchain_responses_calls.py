"""`langchain-openai`'s ChatOpenAI with the image tool bound, against a server: prints what it saw as one JSON object."""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI

WHERE = {"base_url": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"], "max_retries": 0}
TOOL = {"type": "image_generation", "size": "256x256", "quality": "low"}


def drawn(message: Any) -> list[str]:
    """Return the pictures of a message."""
    return [block["base64"] for block in message.content_blocks if block["type"] == "image"]


def main() -> None:
    source, mask = (base64.b64encode(Path(path).read_bytes()).decode() for path in sys.argv[1:3])
    model = ChatOpenAI(model="gpt-5", use_responses_api=True, **WHERE)
    plain = model.bind_tools([TOOL])
    first = plain.invoke("a red apple")
    facts: dict[str, Any] = {"drawn": drawn(first), "calls": [output["type"] for output in first.content]}

    followed = plain.invoke("paint it blue", previous_response_id=first.response_metadata["id"])
    resent = plain.invoke([HumanMessage("a red apple"), first, HumanMessage("paint it blue")])
    facts |= {"followed": drawn(followed), "resent": drawn(resent)}

    masking = model.bind_tools([TOOL | {"size": "auto", "input_image_mask": {"image_url": f"data:image/png;base64,{mask}"}}])
    shown = [{"type": "text", "text": "a hole"}, {"type": "image", "base64": source, "mime_type": "image/png"}]
    facts["masked"] = drawn(masking.invoke([HumanMessage(content_blocks=shown)]))

    whole = None
    for chunk in plain.stream("a red apple"):
        whole = chunk if whole is None else whole + chunk
    facts["streamed"] = drawn(whole)

    forced = model.bind_tools([TOOL], tool_choice="image_generation").invoke("a red apple")
    facts["forced"] = drawn(forced)
    sys.stdout.write("\n" + json.dumps(facts))


if __name__ == "__main__":
    main()
