"""What a deployment lets pass: a request that its policy forbids is refused by the field, and nothing is changed silently."""

from __future__ import annotations

from limner.engine.protocol import GenerateRequest
from limner.errors import InvalidField
from limner.jobs.models import Model
from limner.jobs.orders import PictureOrder


def check_strictness(order: PictureOrder, model: Model) -> None:
    """Refuse moderation that is less strict than the deployment's, before anything is judged.

    Raises:
        InvalidField: it is.
    """
    if model.policy.moderation == "auto" and order.strictness != "auto":
        raise InvalidField("moderation", f"moderation {order.strictness!r} is less than {model.name!r} takes; use auto, or leave it out")


def check_settled(request: GenerateRequest, model: Model) -> None:
    """Refuse what the deployment does not draw, once every `auto` is settled.

    Raises:
        InvalidField: a quality, a size, or a number of pictures that it does not take.
    """
    policy, size = model.policy, str(request.size)
    if policy.qualities and request.quality not in policy.qualities:
        raise InvalidField("quality", f"quality {request.quality!r} is not one of {model.name!r}; use {' or '.join(policy.qualities)}")
    if policy.sizes and size not in policy.sizes:
        raise InvalidField("size", f"size {size!r} is not one of {model.name!r}; use {' or '.join(policy.sizes)}")
    if policy.max_n is not None and request.num_images > policy.max_n:
        raise InvalidField("n", f"n {request.num_images!r} is more than {model.name!r} draws at once; use at most {policy.max_n}")
