"""`/`: the playground, a page that uses nothing but the public routes. Only files of this package are ever sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from fastapi import APIRouter, Request, Response

from limner.errors import UnknownRoute

router = APIRouter(include_in_schema=False)
PAGE = "index.html"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "cache-control": "no-cache",  # ask each time; the answer is 304 until the file is another
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file of the page."""

    content: bytes
    media_type: str
    etag: str


@cache
def packaged_assets() -> Mapping[str, Asset]:
    """Return every file of the page by its name."""
    assets = {}
    for path in resources.files("limner.server").joinpath("static").iterdir():
        media_type = MEDIA_TYPES.get("." + path.name.rpartition(".")[2])
        if media_type is not None:
            content = path.read_bytes()
            assets[path.name] = Asset(content=content, media_type=media_type, etag=f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return assets


@router.get("/")
async def get_page(request: Request) -> Response:
    """Return the page itself; it needs no key, for it tells nothing."""
    return _send(request, PAGE)


@router.get("/playground/{name}")
async def get_asset(request: Request, name: str) -> Response:
    """Return one of the files that the page is made of."""
    return _send(request, name)


def _send(request: Request, name: str) -> Response:
    """Answer with a packaged file, or with 304 if the browser has it.

    Raises:
        UnknownRoute: there is no such file.
    """
    asset = packaged_assets().get(name)
    if asset is None:
        raise UnknownRoute("The playground has no such file; it begins at /")
    headers = {**HEADERS, "etag": asset.etag}
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if asset.etag in known:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
