"""Everything that the routes use, made once and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from anyio import to_thread

from limner.jobs.access.identity import IdentityDesk
from limner.jobs.access.keyring import KeyRing
from limner.jobs.access.sign_in import SignInDesk
from limner.jobs.batches.desk import BatchDesk
from limner.jobs.batches.runner import Ask, BatchRunner
from limner.jobs.deployments.book import DeploymentBook
from limner.jobs.deployments.directory import Directory
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.durable.webhooks import Webhooks
from limner.jobs.generations.desk import GenerationDesk
from limner.jobs.inputs import ImageLoader
from limner.jobs.ledger import Ledger
from limner.jobs.models import ModelTable
from limner.jobs.moderate import Gate
from limner.jobs.prompts import PromptBook
from limner.jobs.responses.background import BackgroundResponses
from limner.jobs.responses.conversations import Conversations
from limner.jobs.responses.desk import ResponseDesk
from limner.jobs.studio import Studio
from limner.server.settings import ServerSettings
from limner.store.files import FileStore
from limner.store.keys import KeyStore
from limner.store.pictures import PictureStore
from limner.store.prompts import PromptStore
from limner.store.results import ResultStore

DEV_PROJECT = "dev"


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of a running server."""

    settings: ServerSettings
    studio: Studio
    models: ModelTable
    directory: Directory
    deployments: DeploymentBook
    gate: Gate
    loader: ImageLoader
    files: FileStore
    pictures: PictureStore
    results: ResultStore
    prompts: PromptStore
    prompt_book: PromptBook
    ledger: Ledger
    keys: KeyStore
    key_ring: KeyRing
    sign_ins: SignInDesk
    work: WorkQueue
    generations: GenerationDesk
    webhooks: Webhooks
    responses: ResponseDesk
    background: BackgroundResponses
    conversations: Conversations
    identity: IdentityDesk | None
    batches: BatchDesk
    make_batch_runner: Callable[[Ask], BatchRunner]

    async def keep_result(self, content: bytes, media_type: str, project_id: str, lifetime_s: int) -> str:
        """Keep a picture behind an address that expires; return the address's token."""

        def keep() -> str:
            return self.results.add(content, media_type, project_id=project_id, lifetime_s=lifetime_s)

        return await to_thread.run_sync(keep)
