"""Haystack's OpenAIImageGenerator against a server: prints what it saw as one JSON object."""

from __future__ import annotations

import json
import os
import sys

from haystack.components.generators import OpenAIImageGenerator
from haystack.utils import Secret

WHERE = {"api_base_url": os.environ["OPENAI_BASE_URL"], "api_key": Secret.from_env_var("OPENAI_API_KEY"), "max_retries": 0}


def main() -> None:
    generator = OpenAIImageGenerator(model="gpt-image-1.5", size="256x256", quality="low", **WHERE)
    generator.warm_up()
    sys.stdout.write("\n" + json.dumps(generator.run("a red apple")))


if __name__ == "__main__":
    main()
