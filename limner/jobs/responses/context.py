"""From items to what a planner reads: turns in order, and where each of their pictures is to be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread

from limner.errors import UnknownFile
from limner.jobs.inputs import ImageSource
from limner.jobs.responses.planning import Call, Message, Picture, Turn
from limner.store.files import FileStore
from limner.store.identifiers import is_attachment_id, is_picture_id
from limner.store.pictures import PictureStore
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.items import StoredItem


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a picture of a context is: the name of its content, and how an error names it to the caller."""

    content_id: str
    param: str


@dataclass
class Context:
    """Turns in order, and the places of their pictures by name; pictures that are drawn meanwhile join them."""

    turns: list[Turn] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)

    def add(self, items: Sequence[StoredItem], param: str | None) -> None:
        """Add items; `param` is the field that they came through, None for the items of the input itself."""
        for index, item in enumerate(items):
            where = param or f"input[{index}]"
            if item.content["type"] == "message":
                self.turns.append(self._read_message(item, where, is_new=param is None))
            elif content_id := item.content.get("content_id"):
                picture = self.place(item.item_id, content_id, where)
                self.turns.append(Call(picture=picture, prompt=item.content.get("revised_prompt", "")))

    def place(self, name: str, content_id: str, param: str, **options: Any) -> Picture:
        """Take a picture into the context."""
        self.places[name] = Place(content_id=content_id, param=param)
        return Picture(name=name, **options)

    @property
    def has_pictures(self) -> bool:
        """Whether there is anything that an edit could begin with."""
        return bool(self.places)

    def _read_message(self, item: StoredItem, where: str, *, is_new: bool) -> Message:
        parts: list[str | Picture] = []
        for index, part in enumerate(item.content["content"]):
            if part["type"] == "input_image":
                param = f"{where}.content[{index}]" if is_new else where
                parts.append(self.place(f"{item.item_id}[{index}]", part["content_id"], param, detail=part["detail"]))
            else:
                parts.append(part["text"] if "text" in part else part["refusal"])
        return Message(role=item.content["role"], parts=tuple(parts))


class ContentReader:
    """Reads contents by their names, whatever holds them: files, kept pictures, attachments."""

    def __init__(self, *, files: FileStore, pictures: PictureStore, attachments: AttachmentStore) -> None:
        self._files, self._pictures, self._attachments = files, pictures, attachments

    async def read(self, project_id: str, content_id: str) -> bytes:
        """Return a content.

        Raises:
            UnknownFile: it is gone.
        """
        store: FileStore | PictureStore | AttachmentStore = self._files
        if is_picture_id(content_id):
            store = self._pictures
        elif is_attachment_id(content_id):
            store = self._attachments
        return await to_thread.run_sync(store.read, project_id, content_id)

    async def source(self, project_id: str, name: str, place: Place, held: Mapping[str, bytes]) -> ImageSource:
        """Return a picture of a context as the source of a drawing.

        Raises:
            UnknownFile: it is gone; the message says which.
        """
        content_id = place.content_id
        if content_id in held:
            return ImageSource(param=place.param, content=held[content_id])
        try:
            if is_picture_id(content_id):
                await to_thread.run_sync(self._pictures.get, project_id, content_id)
            elif is_attachment_id(content_id):
                return ImageSource(param=place.param, content=await self.read(project_id, content_id))
            else:
                await to_thread.run_sync(self._files.get, project_id, content_id)
        except UnknownFile as error:
            raise gone(name, place) from error
        return ImageSource(param=place.param, file_id=content_id)


def gone(name: str, place: Place) -> UnknownFile:
    """Return the error for a picture that was there once."""
    return UnknownFile(
        f"the picture {name!r} of an earlier turn is gone: it was deleted, or has expired. Send it again, or use action generate",
        param=place.param,
    )
