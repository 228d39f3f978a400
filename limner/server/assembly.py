"""From settings to running parts, and back: everything that a server opens is opened here, and closed in the reverse order."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial

from limner.engine.local import LocalEngine
from limner.engine.protocol import Engine
from limner.engine.settings import read_settings
from limner.engine.weights import PACKAGED_WEIGHTS, Catalogue
from limner.jobs.access.identity import IdentityDesk
from limner.jobs.access.keyring import KeyRing
from limner.jobs.access.sign_in import SignInDesk
from limner.jobs.deployments.book import DeploymentBook
from limner.jobs.deployments.directory import Directory
from limner.jobs.durable.queue import WorkQueue
from limner.jobs.durable.sending import Sender
from limner.jobs.durable.webhooks import Webhooks
from limner.jobs.fetching import Fetcher
from limner.jobs.generations.desk import GenerationDesk
from limner.jobs.generations.events import EventHub
from limner.jobs.generations.links import ResultLinks
from limner.jobs.inputs import ImageLoader
from limner.jobs.keeping import Keeper
from limner.jobs.ledger import Ledger
from limner.jobs.models import ModelTable
from limner.jobs.prompts import PromptBook
from limner.jobs.studio import Studio
from limner.model.text import load_tokenizer
from limner.moderation.local import LocalModerator
from limner.moderation.remote import RemoteModerator
from limner.moderation.verdict import Moderator
from limner.server.batches.assembly import open_batches
from limner.server.oxen.orders import read_queued
from limner.server.responses.assembly import open_responses
from limner.server.services import DEV_PROJECT, Services
from limner.server.settings import LOCAL_MODERATION, NO_MODERATION, ServerSettings
from limner.store.blobs import Blobs
from limner.store.database import Database
from limner.store.deployments import DeploymentStore
from limner.store.files import FileStore
from limner.store.keys import KeyStore
from limner.store.pictures import PictureStore
from limner.store.prompts import PromptStore
from limner.store.results import ResultStore
from limner.store.usage import UsageStore
from limner.store.work.deliveries import DeliveryStore
from limner.store.work.endpoints import EndpointStore
from limner.store.work.generations import GenerationStore
from limner.store.work.jobs import WorkStore

FIRST_KEY_NAME = "first"


@dataclass(frozen=True)
class Opened:
    """The parts, and the secret of the first key if this was the first start."""

    services: Services
    first_secret: str | None


@contextmanager
def open_services(settings: ServerSettings, *, engine: Engine | None = None) -> Iterator[Opened]:
    """Open everything that a server needs; an `engine` that is given stays open afterwards.

    Raises:
        DamagedFile, InvalidField, StoreFailed: the weights, the database, a folder or a setting cannot be used.
    """
    with ExitStack() as stack:
        services = _open_parts(stack, settings, engine)
        first_secret = _prepare_keys(services.keys, settings)  # last, so that a start that fails shows and makes none
        yield Opened(services, first_secret)


def _open_parts(stack: ExitStack, settings: ServerSettings, engine: Engine | None) -> Services:
    """Open the parts in the order in which they need each other, and leave it to the stack to close them."""
    catalogue = Catalogue.open()
    models = ModelTable(catalogue, settings.aliases)
    database = stack.enter_context(closing(Database.open(settings.store.database)))
    blobs = Blobs.open(settings.store.blobs)
    blobs.sweep()
    keys, prompts, results = KeyStore(database), PromptStore(database), ResultStore(database, blobs)
    files, pictures = FileStore(database, blobs), PictureStore(database, blobs)
    directory = Directory(models, DeploymentStore(database))
    loader = ImageLoader(files, pictures, Fetcher(is_allowed=settings.fetches_urls))
    ledger = stack.enter_context(closing(Ledger(UsageStore(database))))
    studio = Studio(
        engine=engine or stack.enter_context(closing(_open_engine(settings))),
        directory=directory,
        loader=loader,
        keeper=Keeper(pictures, retention_days=settings.retention_days),
        ledger=ledger,
        moderator=_open_moderator(stack, settings),
        count_tokens=_token_counter(catalogue),
    )
    stack.enter_context(closing(studio))
    work = WorkQueue(WorkStore(database))
    webhooks = _open_webhooks(database, work, settings)
    responses = open_responses(settings, database, blobs, files, pictures, studio, work, announce=webhooks.announce)
    links = ResultLinks(GenerationStore(database, blobs), results)
    return Services(
        settings=settings,
        studio=studio,
        models=models,
        directory=directory,
        deployments=DeploymentBook(directory),
        gate=studio.gate,
        loader=loader,
        files=files,
        pictures=pictures,
        results=results,
        prompts=prompts,
        prompt_book=PromptBook(prompts, pictures, directory),
        ledger=ledger,
        keys=keys,
        key_ring=KeyRing(keys),
        sign_ins=SignInDesk(keys),
        identity=IdentityDesk(settings.oidc, keys) if settings.oidc else None,
        work=work,
        generations=_open_generations(studio, pictures, work, links, settings),
        webhooks=webhooks,
        **vars(open_batches(database, blobs, files, work, webhooks)),
        **vars(responses),
    )


def _open_generations(
    studio: Studio, pictures: PictureStore, work: WorkQueue, links: ResultLinks, settings: ServerSettings
) -> GenerationDesk:
    return GenerationDesk(
        store=links.generations,
        pictures=pictures,
        studio=studio,
        work=work,
        links=links,
        events=EventHub(),
        read_order=partial(read_queued, directory=studio.directory),
        retention_days=settings.retention_days,
    )


def _open_webhooks(database: Database, work: WorkQueue, settings: ServerSettings) -> Webhooks:
    endpoints, deliveries = EndpointStore(database), DeliveryStore(database)
    return Webhooks(endpoints=endpoints, deliveries=deliveries, work=work, sender=Sender(reach=settings.webhooks))


def _prepare_keys(keys: KeyStore, settings: ServerSettings) -> str | None:
    if settings.is_dev:
        keys.ensure_project(DEV_PROJECT)
        return None
    if not keys.is_empty():
        return None
    return keys.create(FIRST_KEY_NAME, role="admin")[1]


def _open_engine(settings: ServerSettings) -> LocalEngine:
    drawing = read_settings(os.environ)
    return LocalEngine(drawing.weights_dir, drawing.threads, drawing.device, max_waiting=settings.max_waiting)


def _open_moderator(stack: ExitStack, settings: ServerSettings) -> Moderator | None:
    if settings.moderation == NO_MODERATION:
        return None
    if settings.moderation == LOCAL_MODERATION:
        return stack.enter_context(closing(LocalModerator(PACKAGED_WEIGHTS)))  # it judges alike, whichever weights draw
    return stack.enter_context(closing(RemoteModerator(settings.moderation, api_key=settings.moderation_key)))


def _token_counter(catalogue: Catalogue) -> Callable[[str], int]:
    """Count text tokens with the model's own tokenizer."""
    encoder = catalogue.text_encoder(catalogue.snapshot(catalogue.default))
    tokenizer = load_tokenizer(encoder.read("tokenizer.json"))
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
