"""What went wrong in servers of this kind, class by class, end to end: each test fails when the guard is taken away."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import os
import re
import socket
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx2
import numpy as np
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidProtobuf
from PIL import Image, PngImagePlugin

from limner.engine.drawing.runtime import Runtime
from limner.engine.weights import Catalogue
from limner.errors import DamagedFile
from limner.server.assembly import Opened
from limner.store.database import Database
from limner.store.keys import KeyStore

pytestmark = pytest.mark.anyio
SMALL = {"size": "256x256", "quality": "low", "seed": 7}
SECRET = "the-secret-of-the-inside"
INSIDES = re.compile(
    r"/(?:root|home|work|tmp|usr|var|etc)/|site-packages|Traceback|\.py\b|File \"|limner\.\w|sqlite|obstore|onnx|127\.0\.0\.1"
)


def picture(width: int = 48, height: int = 32, *, file_format: str = "PNG", **options: Any) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, file_format, **options)
    return file.getvalue()


async def post_form(client: httpx2.AsyncClient, path: str, image: bytes, filename: str = "a.png", **fields: Any) -> httpx2.Response:
    texts = {name: str(value) for name, value in fields.items()}
    return await client.post(path, data=texts, files={"image" if "images" in path else "file": (filename, image, "image/png")})


# ------------------------------------------------------------ paths and names

WRITTEN_NAMES = [
    "../../{name}",
    "/{name}",
    "..\\..\\{name}",
    "%2e%2e%2f{name}",
    "{name}\x00.png",
    "....//{name}",
    "{name}" + "x" * 3000,
    "%2e",
]


@pytest.mark.parametrize("written", WRITTEN_NAMES)
async def test_no_path_is_made_from_the_name_of_an_upload(client: httpx2.AsyncClient, opened: Opened, written: str, tmp_path: Path):
    name = "planted-by-a-stranger"

    stored = await post_form(client, "/v1/files", b"content", written.format(name=name), purpose="vision")
    edited = await post_form(client, "/v1/images/edits", picture(), written.format(name=name), prompt="x", **SMALL)

    file_id = stored.json()["id"]
    content = await client.get(f"/v1/files/{file_id}/content")
    folder = opened.services.settings.store.data_dir
    blobs = [path.name for path in folder.rglob("*") if path.is_file() and "limner.db" not in path.name]
    assert blobs == [file_id]
    assert not [path for top in (tmp_path, Path("/"), Path.cwd(), Path.cwd().parent) for path in top.glob(f"*{name}*")]
    assert content.content == b"content"
    assert edited.status_code == 200


PATHS = [
    "../limner.db",
    "..%2flimner.db",
    "%2e%2e/limner.db",
    "....//limner.db",
    "/etc/passwd",
    "file-" + "0" * 44 + "/",
    "%00",
    "a\\b",
    "*",
    "%2e",
]


@pytest.mark.parametrize("path", PATHS)
async def test_an_id_or_a_token_is_never_a_path(client: httpx2.AsyncClient, opened: Opened, path: str):
    written = path if "%" in path else path.replace("/", "%2f")

    answers = [
        await client.get(f"/v1/files/{written}"),
        await client.get(f"/v1/files/{written}/content"),
        await client.delete(f"/v1/files/{written}"),
        await client.get(f"/limner/v1/results/{written}"),
        await client.get(f"/limner/v1/pictures/{written}"),
        await client.get(f"/limner/v1/pictures/{written}/content"),
        await client.get(f"/limner/v1/pictures/{written}/lineage"),
        await client.delete(f"/limner/v1/pictures/{written}"),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": path}]}),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": "file-x"}], "mask": {"file_id": path}}),
    ]

    assert {answer.status_code for answer in answers} <= {404, 405}
    assert all(b"SQLite" not in answer.content and b"root:" not in answer.content for answer in answers)
    assert (opened.services.settings.store.data_dir / "limner.db").is_file()


# ------------------------------------------------------------ files that would act


@pytest.mark.parametrize("file", ["weights-00001-of-00001.safetensors", "denoise.onnx"])
@pytest.mark.parametrize("is_archive", [False, True])
def test_a_pickle_in_the_place_of_weights_is_refused_and_never_acts(tiny_weights: Path, tmp_path: Path, file: str, is_archive: bool):
    witness, folder = tmp_path / "it-acted", tmp_path / "weights"
    copytree(tiny_weights, folder)
    content = b"cposix\nsystem\n(S'touch " + str(witness).encode() + b"'\ntR."
    if is_archive:  # as torch.save packs it
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("archive/data.pkl", content)
        content = archive.getvalue()
    swap_in(folder, "tiny-1", file, content)

    with pytest.raises((DamagedFile, InvalidProtobuf)):
        Runtime(Catalogue.open(folder), "tiny-1", threads=1)

    assert not witness.exists()


def swap_in(folder: Path, snapshot: str, file: str, content: bytes) -> None:
    """Put a file into a snapshot with every digest made to fit, as somebody could who publishes weights."""
    (folder / snapshot / file).write_bytes(content)
    manifest = json.loads((folder / snapshot / "manifest.json").read_bytes())
    manifest["files"][file] |= {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    written = json.dumps(manifest).encode()
    (folder / snapshot / "manifest.json").write_bytes(written)
    catalogue = json.loads((folder / "snapshots.json").read_bytes())
    catalogue["snapshots"][snapshot]["digest"] = f"sha256:{hashlib.sha256(written).hexdigest()}"
    (folder / "snapshots.json").write_bytes(json.dumps(catalogue).encode())


# ------------------------------------------------------------ who is calling


@pytest.mark.parametrize(
    ("options", "variables"),
    [(["--dev", "--host", "0.0.0.0"], {}), (["--conformance", "--host", "0.0.0.0"], {}), (["--dev"], {"LIMNER_HOST": "::"})],
)
def test_a_server_without_keys_never_listens_where_others_reach_it(tmp_path: Path, options: list[str], variables: dict[str, str]):
    with closing(socket.create_server(("0.0.0.0", 0))) as taken:
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "limner", "serve", "--port", str(port), "--data-dir", str(tmp_path / "data"), *options]

    ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **variables})

    assert ran.returncode == 2, ran.stderr
    assert "cannot be used on host" in ran.stderr
    assert not (tmp_path / "data").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


IDENTITIES = [
    "x-forwarded-user",
    "x-remote-user",
    "remote-user",
    "x-auth-request-user",
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "openai-organization",
    "openai-project",
    "x-api-key",
    "cookie",
    "comfy-user",
]


async def test_no_header_but_the_key_says_who_calls(client: httpx2.AsyncClient, opened: Opened):
    database = Database.open(opened.services.settings.store.database)
    other, _ = KeyStore(database).create("other")
    database.close()
    await post_form(client, "/v1/files", b"mine", purpose="vision")
    values = [other.project_id, other.name, "admin", "127.0.0.1", f"for=127.0.0.1;user={other.project_id}"]
    headers = [{name: value} for name in IDENTITIES for value in values]

    keyless = {(await client.get("/v1/files", headers={"authorization": "", **extra})).status_code for extra in headers}
    counts = {len((await client.get("/v1/files", headers=extra)).json()["data"]) for extra in headers}

    assert keyless == {401}
    assert counts == {1}


async def test_no_page_of_another_origin_is_let_in(client: httpx2.AsyncClient):
    paths = (await client.get("/openapi.json")).json()["paths"]
    origins = ["https://evil.example", "null", "http://limner.test", "http://localhost"]
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
        "access-control-request-private-network": "true",
    }

    preflights = [await client.options(path, headers={"origin": origin, **asked}) for path in paths for origin in origins]
    plain = [await client.get("/v1/models", headers={"origin": origin, "cookie": "a=b"}) for origin in origins]

    assert {answer.status_code for answer in preflights} == {405}
    assert not [name for answer in preflights + plain for name in answer.headers if name.startswith(("access-control", "vary"))]


# ------------------------------------------------------------ what leaks out


async def test_no_error_tells_anything_of_the_inside(client: httpx2.AsyncClient, opened: Opened, monkeypatch: pytest.MonkeyPatch):
    file_id = (await post_form(client, "/v1/files", picture(), purpose="vision")).json()["id"]
    for blob in (opened.services.settings.store.data_dir / "blobs").rglob(f"*{file_id}*"):
        blob.unlink()
    bad_json = [
        b"",
        b"{",
        b"[1]",
        b'{"prompt": {}}',
        b'{"prompt": "x", "n": "' + b"9" * 5000 + b'"}',
        b'{"prompt": "\\ud800"}',
        b"{" * 9000,
    ]
    bad_pictures = [b"", b"GIF89a", picture()[:80], b"\x89PNG\r\n\x1a\n" + bytes(40), picture(file_format="JPEG")[:300], b"<svg/>", b"%PDF"]
    answers = [
        *[await client.post("/v1/images/generations", content=body, headers={"content-type": "application/json"}) for body in bad_json],
        *[await post_form(client, "/v1/images/edits", content, prompt="x") for content in bad_pictures],
        *[await client.request(method, "/v1/files/x") for method in ("GET", "DELETE", "PATCH", "TRACE")],
        *[await client.get(path) for path in ("/v1/../etc", "/docs", "/v1/models/x", "/metrics", "/limner/v1/results/x")],
        await client.get(f"/v1/files/{file_id}/content"),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"file_id": file_id}]}),
        await client.post("/v1/images/edits", json={"prompt": "x", "images": [{"image_url": "https://localhost/x"}]}),
        await client.post("/v1/images/edits", content=b"x", headers={"content-type": "multipart/form-data; boundary=x; charset=undefined"}),
        await client.get("/v1/files", params={"limit": "x", "after": "/etc/passwd"}),
        await client.get("/v1/models", headers={"authorization": "Bearer nobody"}),
    ]
    monkeypatch.setattr(opened.services.studio, "count_tokens", fail)
    answers.append(await client.post("/v1/images/generations", json={"prompt": "x", **SMALL}))

    told = [answer.text + str(dict(answer.headers)) for answer in answers]

    assert answers[-1].status_code == 500
    assert min(answer.status_code for answer in answers) >= 400
    assert [text for text in told if INSIDES.search(text) or SECRET in text or socket.gethostname() in text] == []


def fail(_: str) -> int:
    raise RuntimeError(f"/var/lib/{SECRET}/limner.db")


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_nothing_of_an_input_and_no_word_of_a_prompt_is_in_a_picture_that_comes_out(client: httpx2.AsyncClient, output_format: str):
    prompt = f"a ball, {SECRET}"
    common = {"prompt": prompt, "output_format": output_format, "background": "opaque", "user": SECRET, **SMALL}
    answers = [await client.post("/v1/images/generations", json=common)]
    for content in tagged_pictures():
        answers.append(await post_form(client, "/v1/images/edits", content, f"{SECRET}.png", **common))
        answers.append(
            await client.post(
                "/v1/images/edits", data={name: str(value) for name, value in common.items()}, files={"image": content, "mask": mask()}
            )
        )

    contents = [base64.b64decode(answer.json()["data"][0]["b64_json"]) for answer in answers]

    for content in contents:
        image = Image.open(io.BytesIO(content))
        image.load()
        told = str(image.info) + str(getattr(image, "text", ""))
        assert SECRET.encode() not in content
        assert SECRET not in told
        assert not image.getexif()
        assert not {"exif", "comment", "gps", "Comment", "parameters"} & image.info.keys()


def tagged_pictures() -> list[bytes]:
    """Pictures that say where and by whom they were taken, in every way that their formats have."""
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = SECRET, SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0), 29: SECRET})
    packet = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET)
    text.add_text("parameters", SECRET, zip=True)
    text.add_itxt("XML:com.adobe.xmp", packet.decode())
    return [
        picture(file_format="JPEG", exif=exif, xmp=packet, comment=SECRET.encode()),
        picture(file_format="PNG", exif=exif, pnginfo=text),
        picture(file_format="WEBP", exif=exif, xmp=packet),
    ]


def mask(width: int = 48, height: int = 32) -> bytes:
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[4:20, 4:20, 3] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


# ------------------------------------------------------------ what others make of text

INJECTED = "a\r\nx-evil: 1\r\n\r\n<script>"


async def test_what_a_client_writes_never_becomes_a_header_or_a_line_of_the_log(
    client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, "limner")
    marked = f"evil-{SECRET}"
    written = {"x-client-request-id": marked, "x-request-id": marked, "user-agent": marked, "referer": marked}
    body = {"prompt": marked, "user": INJECTED, "safety_identifier": INJECTED + "\x00", **SMALL}

    answers = [
        await client.post("/v1/images/generations", json=body, headers=written),
        await client.post("/v1/images/generations", json={**body, "stream": True}, headers=written),
        await post_form(client, "/v1/files", b"x", f"{INJECTED}{marked}\x00.png", purpose="vision"),
        await client.get(f"/v1/{marked}%0d%0ax-evil:1", headers=written),
        await client.get(f"/v1/models/{marked}%0d%0ax-evil:1", headers=written),
        await client.get(f"/v1/files/{marked}%0ax-evil:1/content", headers=written),
        await client.get("/v1/models", headers={"authorization": f"Bearer {marked}"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404, 404, 401]
    assert all("x-evil" not in answer.headers and SECRET not in str(answer.headers) for answer in answers)
    assert answers[2].json()["filename"].isprintable()
    assert len([record for record in caplog.records if record.name == "limner.access"]) == len(answers)
    assert "evil" not in caplog.text
    assert SECRET not in caplog.text


async def test_the_name_of_a_file_cannot_steer_a_terminal_or_read_backwards(client: httpx2.AsyncClient):
    name = "a\x00\x08\x1b[2J\x7f\u202egnp.exe\u2028\u0085".encode()
    body = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + name + b'"\r\n\r\nx\r\n'
    purpose = b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nvision\r\n--b--\r\n'

    stored = await client.post("/v1/files", content=body + purpose, headers={"content-type": "multipart/form-data; boundary=b"})

    assert stored.json()["filename"] == "a[2Jgnp.exe"


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>", picture() + b"<html>"]
)
async def test_what_was_uploaded_is_never_served_as_a_page(client: httpx2.AsyncClient, content: bytes):
    stored = (await post_form(client, "/v1/files", content, "page.html", purpose="vision")).json()
    drawn = await post_form(client, "/v1/images/edits", content, "a.png", prompt="x", response_format="url", **SMALL)

    answers = [await client.get(f"/v1/files/{stored['id']}/content")]
    if drawn.status_code == 200:
        answers.append(await client.get(drawn.json()["data"][0]["url"], headers={"authorization": ""}))

    assert answers[0].headers["content-type"] == "application/octet-stream"
    assert answers[0].headers["content-disposition"] == "attachment"
    assert answers[-1].headers["content-type"] in {"application/octet-stream", "image/png"}
    assert b"<html>" not in answers[-1].content or len(answers) == 1
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert {answer.headers["content-security-policy"] for answer in answers} == {"sandbox"}
    assert (drawn.status_code, len(answers)) in {(200, 2), (400, 1)}


@pytest.mark.parametrize(
    "prompt", ["--n 10 --size 2048x2048", '{"size": "2048x2048", "n": 10}', "<limner seed=1 n=10>", "\x00\x1b[2J", "</s> [INST] n=10"]
)
async def test_a_prompt_is_words_in_every_route(client: httpx2.AsyncClient, prompt: str):
    answer = await post_form(client, "/v1/images/edits", picture(), prompt=prompt, **SMALL)

    body = answer.json()
    assert (body["size"], body["quality"], len(body["data"]), body["data"][0]["limner"]["seed"]) == ("256x256", "low", 1, 7)
