"""What tests of turns share: who asked the engine and whose pictures it ended, in order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from limner.engine.protocol import Event, Finished, GenerateRequest
from limner.server.assembly import Opened

IsOf = Callable[[GenerateRequest], bool]


class EngineLog:
    """What the engine was asked for and what it ended, one after another."""

    def __init__(self) -> None:
        self.asked: list[tuple[GenerateRequest, int]] = []  # with how many had ended by then
        self.ended: list[GenerateRequest] = []

    def waits(self, of: IsOf, behind: IsOf) -> list[int]:
        """Return for each request of some how many of others ended while it waited, itself not counted."""
        ends = {request.request_id: place for place, request in enumerate(self.ended)}
        return [
            sum(behind(other) for other in self.ended[begun : ends[request.request_id]]) for request, begun in self.asked if of(request)
        ]


@pytest.fixture
def engine_log(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> EngineLog:
    log = EngineLog()
    submit = opened.services.studio.engine.submit

    def watched(request: GenerateRequest, on_event: Callable[[Event], None]) -> None:
        def on_each(event: Event) -> None:
            if isinstance(event, Finished):
                log.ended.append(request)
            on_event(event)

        log.asked.append((request, len(log.ended)))
        submit(request, on_each)

    monkeypatch.setattr(opened.services.studio.engine, "submit", watched)
    return log
