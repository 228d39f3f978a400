"""`langchain-community`'s DallEAPIWrapper against a server: prints what it saw as one JSON object."""

from __future__ import annotations

import json
import os
import sys
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from langchain_community.utilities.dalle_image_generator import DallEAPIWrapper

WHERE = {"base_url": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"], "max_retries": 0}


def main() -> None:
    facts = {
        "one": DallEAPIWrapper(**WHERE, size="256x256").run("a red apple"),
        "two": DallEAPIWrapper(**WHERE, size="256x256", n=2, separator=" ").run("a red apple"),
        "dall-e-3": DallEAPIWrapper(**WHERE, model="dall-e-3", quality="standard").run("a red apple"),
    }
    sys.stdout.write("\n" + json.dumps(facts))


if __name__ == "__main__":
    main()
