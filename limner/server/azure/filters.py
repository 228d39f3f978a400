"""What Azure says of a picture that its filters let pass, where the operator wants it said and it is true.

Source: Microsoft's REST reference of Azure OpenAI (`dalleFilterResults`, `dalleContentFilterResults`).
"""

from __future__ import annotations

from typing import Any

from fastapi import Request

from limner.jobs.studio import Commission
from limner.moderation.verdict import IMAGE_CATEGORIES
from limner.server.azure.errors import FILTERS, write_filter_results
from limner.server.azure.paths import asked_path, is_azure
from limner.server.services import Services

PICTURE_WORDS = tuple(word for word, covered in FILTERS.items() if covered & {name.partition("/")[0] for name in IMAGE_CATEGORIES})


def annotate(request: Request, services: Services, commission: Commission) -> dict[str, Any]:
    """Return the annotations of a picture that is about to be answered: none but on Azure's paths, after judging by the full bar.

    Jailbreaks, profanity and lists of words are judged nowhere here, and stand nowhere.
    """
    is_wanted = services.settings.has_filter_results and is_azure(asked_path(request.scope))
    if not is_wanted or services.gate.is_open or commission.strictness != "auto":
        return {}
    return {"prompt_filter_results": write_filter_results(()), "content_filter_results": write_filter_results((), PICTURE_WORDS)}
