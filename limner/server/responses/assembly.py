"""The parts behind the Responses and Conversations routes, put together."""

from __future__ import annotations

from dataclasses import dataclass

from limner.jobs.durable.queue import WorkQueue
from limner.jobs.responses.background import Announce, BackgroundResponses
from limner.jobs.responses.chat import ChatPlanner
from limner.jobs.responses.context import ContentReader
from limner.jobs.responses.conversations import Conversations
from limner.jobs.responses.desk import ResponseDesk, Shelf
from limner.jobs.responses.direct import DirectPlanner
from limner.jobs.responses.intake import Intake
from limner.jobs.responses.performance import Stage
from limner.jobs.studio import Studio
from limner.server.settings import ServerSettings
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.files import FileStore
from limner.store.pictures import PictureStore
from limner.store.responses.attachments import AttachmentStore
from limner.store.responses.conversations import ConversationStore
from limner.store.responses.responses import ResponseStore


@dataclass(frozen=True, kw_only=True)
class ResponseParts:
    """What the routes use."""

    responses: ResponseDesk
    background: BackgroundResponses
    conversations: Conversations


def open_responses(
    settings: ServerSettings,
    database: Database,
    blobs: Blobs,
    files: FileStore,
    pictures: PictureStore,
    studio: Studio,
    work: WorkQueue,
    *,
    announce: Announce,
) -> ResponseParts:
    """Put the parts together; `work` makes queued responses from now on, and `announce` hears of their ends."""
    planner = DirectPlanner() if settings.planner is None else ChatPlanner(settings.planner)
    attachments = AttachmentStore(database, blobs)
    shelf = Shelf(responses=ResponseStore(database), conversations=ConversationStore(database), attachments=attachments, pictures=pictures)
    reader = ContentReader(files=files, pictures=pictures, attachments=attachments)
    intake = Intake(loader=studio.loader, files=files, pictures=pictures, attachments=attachments, responses=shelf.responses)
    stage = Stage(studio=studio, reader=reader, attachments=attachments, planner=planner)
    desk = ResponseDesk(stage=stage, shelf=shelf, intake=intake, retention_days=settings.retention_days)
    return ResponseParts(responses=desk, background=BackgroundResponses(desk, work, announce), conversations=Conversations(desk))
