"""`/limner/v1/keys` and the way in without typing one: a project's keys, and the key that a one-time link becomes."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from limner.errors import Forbidden
from limner.schema.sessions import KeyList, KeyObject, SignIn, SignInBody
from limner.server.account.sessions import write_key
from limner.server.auth import CallerOf, ServicesOf
from limner.server.documents import SIGN_IN
from limner.server.forms import read_json

router = APIRouter(prefix="/limner/v1", tags=["Sessions"])


@router.post("/sign-in", openapi_extra=SIGN_IN)
async def sign_in(request: Request, response: Response, services: ServicesOf) -> SignIn:
    """Turn the token of a one-time link into a key that ends after twelve hours."""
    body = await read_json(request, SignInBody)
    key, secret = await services.sign_ins.redeem(body.token)
    response.headers["cache-control"] = "no-store"
    return SignIn.model_validate({"key": secret, "expires_at": key.expires_at})


@router.get("/keys")
async def list_keys(caller: CallerOf, services: ServicesOf) -> KeyList:
    """List the project's keys, revoked and ended ones too, the oldest first; the secret of none."""
    keys = await to_thread.run_sync(services.keys.list, caller.project_id)
    return KeyList(data=[write_key(key, caller) for key in keys])


@router.delete("/keys/{key_id}")
async def revoke_key(key_id: str, caller: CallerOf, services: ServicesOf) -> KeyObject:
    """End a key of the project for good: any for an admin, its own for every key."""
    key = await to_thread.run_sync(services.keys.get, caller.project_id, key_id)
    if not caller.is_admin and (caller.key is None or caller.key.key_id != key_id):
        raise Forbidden("Only a key with the role admin may revoke another; sign in with one, or use `limner keys revoke`")
    return write_key(await services.key_ring.revoke(key), caller)
