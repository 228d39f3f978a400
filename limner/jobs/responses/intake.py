"""What a caller sends with a response or to a conversation: items with ids, whose pictures are contents by name and stand in no row."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anyio import to_thread

from limner.errors import InvalidField, UnknownFile, UnknownItem
from limner.jobs.inputs import ImageLoader, ImageSource
from limner.schema.responses.items import CallItem, InputImagePart, MessageItem, OutputTextPart, ReferenceItem, RefusalPart
from limner.schema.responses.requests import MaskReference
from limner.store.files import FileStore
from limner.store.pictures import PictureStore
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.conversations import unknown_item
from limner.store.responses.items import StoredItem, new_item_id, with_own_ids
from limner.store.responses.responses import ResponseStore

MAX_NEW_PICTURES = 64
UNCLAIMED_S = 86_400  # so long a content is kept whose response came to nothing, should nobody take it away before
WireItem = MessageItem | CallItem | ReferenceItem


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Items that came in, in order. `held` are the contents that are not kept, by name; `mask_id` is the content of the mask."""

    items: tuple[StoredItem, ...]
    held: Mapping[str, bytes] = field(default_factory=dict)
    mask_id: str | None = None


class Intake:
    """Takes items in: gives them ids, finds those that are named, reads pictures that are not here yet and keeps them for their owner."""

    def __init__(
        self,
        *,
        loader: ImageLoader,
        files: FileStore,
        pictures: PictureStore,
        attachments: AttachmentStore,
        responses: ResponseStore,
    ) -> None:
        self._loader, self._files, self._pictures = loader, files, pictures
        self._attachments, self._responses = attachments, responses

    async def take(
        self,
        project_id: str,
        owner_id: str,
        said: str | Sequence[WireItem],
        *,
        mask: MaskReference | None = None,
        is_kept: bool = True,
        field: str = "input",
    ) -> Taken:
        """Take what was said in a field. What is kept belongs to `owner_id`, and is forgotten after a day unless its owner claims it.

        Raises:
            InvalidField: a part stands where it cannot, or a picture is not named as it should be.
            UnknownItem, UnknownFile: an item, file or picture that is named does not exist.
            RefusedAddress, ImageNotFetched, UnusableImage: a picture cannot be read.
        """
        said = [MessageItem(role="user", content=said)] if isinstance(said, str) else said
        known = await to_thread.run_sync(self._responses.find_items, project_id, [item.id for item in said if _is_by_id(item) and item.id])
        reading = _Reading()
        items = [_write(item, f"{field}[{index}]", known, reading) for index, item in enumerate(said)]
        mask_id = None if mask is None else reading.name(_source("tools[0].input_image_mask", mask.written_url, mask.file_id))
        await to_thread.run_sync(self._check_stored, project_id, [source for source in reading.sources.values() if source.file_id])
        names = await self._read(project_id, owner_id, reading, is_kept=is_kept)
        held = {name: content for name, content in names.items() if isinstance(content, bytes)}
        kept = {name: content for name, content in names.items() if isinstance(content, str)}
        return Taken(
            items=with_own_ids(replace(item, content=_renamed(item.content, kept)) for item in items),
            held=held,
            mask_id=None if mask_id is None else kept.get(mask_id, mask_id),
        )

    async def _read(self, project_id: str, owner_id: str, reading: _Reading, *, is_kept: bool) -> dict[str, str | bytes]:
        """Read the pictures that are not here, and return what each is kept as, or itself."""
        names = [name for name, source in reading.sources.items() if source.file_id is None]
        if len(names) > MAX_NEW_PICTURES:
            raise InvalidField(
                "input", f"input holds {len(names)} pictures in full; at most {MAX_NEW_PICTURES} are taken, so name some by id"
            )
        contents = await self._loader.read([reading.sources[name] for name in names], project_id=project_id)
        if not is_kept:
            return dict(zip(names, contents, strict=True))

        def keep() -> dict[str, str | bytes]:
            expires_at = int(time.time()) + UNCLAIMED_S
            return {
                name: self._attachments.add(project_id, owner_id, content, expires_at=expires_at)
                for name, content in zip(names, contents, strict=True)
            }

        return await to_thread.run_sync(keep)

    def _check_stored(self, project_id: str, sources: Sequence[ImageSource]) -> None:
        for source in sources:
            store = self._pictures if source.picture_id else self._files
            try:
                store.get(project_id, str(source.file_id))
            except UnknownFile as error:
                raise UnknownFile(error.message, param=source.param) from error


class _Reading:
    """The pictures of the items that are taken, each under a name: its id, or one for the time being."""

    def __init__(self) -> None:
        self.sources: dict[str, ImageSource] = {}

    def name(self, source: ImageSource) -> str:
        """Take note of a picture and return its name."""
        name = source.file_id or f"held-{len(self.sources)}"
        self.sources[name] = source
        return name


def _is_by_id(item: WireItem) -> bool:
    return isinstance(item, ReferenceItem) or (isinstance(item, CallItem) and item.result is None)


def _write(item: WireItem, param: str, known: Mapping[str, StoredItem], reading: _Reading) -> StoredItem:
    """Return an item as it is kept."""
    if isinstance(item, MessageItem):
        return _write_message(item, param, reading)
    if _is_by_id(item):
        return _find(item, param, known)
    assert isinstance(item, CallItem)
    content = item.model_dump(exclude_none=True, exclude={"result", "id", "limner"}) | {"status": item.status or "completed"}
    if item.result:
        content["content_id"] = reading.name(ImageSource(param=f"{param}.result", url=f"data:;base64,{item.result}"))
    return StoredItem(item_id=item.id or new_item_id(item.type), content=content)


def _find(item: WireItem, param: str, known: Mapping[str, StoredItem]) -> StoredItem:
    """Return an item that was named.

    Raises:
        UnknownItem: there is none.
    """
    found = known.get(item.id or "")
    if found is None and item.id is None:
        raise UnknownItem(f"{param} has neither id nor result; send the id of a drawn picture, or its base64 as result", param=param)
    if found is None:
        raise unknown_item(str(item.id), f"{param}.id")
    return replace(found, is_output=False)


def _write_message(item: MessageItem, param: str, reading: _Reading) -> StoredItem:
    kind = "output_text" if item.role == "assistant" else "input_text"
    parts: list[dict[str, Any]] = []
    for index, part in enumerate([] if isinstance(item.content, str) else item.content):
        place = f"{param}.content[{index}]"
        if isinstance(part, OutputTextPart | RefusalPart) != (item.role == "assistant") or (
            isinstance(part, InputImagePart) and item.role != "user"
        ):
            fitting = {"assistant": "'output_text' and 'refusal'", "user": "'input_text' and 'input_image'"}.get(item.role, "'input_text'")
            raise InvalidField(place, f"invalid value: {part.type!r}. A message of the role {item.role!r} has {fitting}")
        if isinstance(part, InputImagePart):
            parts.append(_write_picture(part, place, reading))
        else:
            parts.append(part.model_dump(exclude_none=True, exclude={"logprobs"}))
    if isinstance(item.content, str):
        parts = [{"type": kind, "text": item.content}]
    content = {"type": "message", "role": item.role, "status": "completed", "content": parts}
    return StoredItem(item_id=item.id or new_item_id("message"), content=content)


def _write_picture(part: InputImagePart, param: str, reading: _Reading) -> dict[str, Any]:
    """Return a picture of a message: what names it, and the address that it came from if it has one."""
    if (part.image_url is None) == (part.file_id is None):
        raise InvalidField(param, f"{param} needs exactly one of image_url and file_id")
    name = reading.name(_source(param, part.image_url, part.file_id))
    written: dict[str, Any] = {"type": "input_image", "detail": part.detail or "auto", "content_id": name}
    if part.image_url is not None and part.image_url[:5].lower() != "data:":
        written["image_url"] = part.image_url
    return written


def _source(param: str, url: str | None, file_id: str | None) -> ImageSource:
    if file_id is not None:
        return ImageSource(param=f"{param}.file_id", file_id=file_id)
    return ImageSource(param=f"{param}.image_url", url=url)


def _renamed(content: Mapping[str, Any], kept: Mapping[str, str]) -> dict[str, Any]:
    """Return an item's content with contents under the names that they are kept by."""
    renamed = dict(content)
    if renamed.get("content_id") in kept:
        renamed["content_id"] = kept[renamed["content_id"]]
    if renamed["type"] == "message":
        renamed["content"] = [
            part | {"content_id": kept[part["content_id"]]} if part.get("content_id") in kept else part for part in renamed["content"]
        ]
    return renamed
