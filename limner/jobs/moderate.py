"""Moderation as a rule of every request: what is blocked, at which stage, and in which words the caller hears it."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from typing import Literal

from limner.engine.protocol import Pixels
from limner.errors import Blocked, ModerationFailed
from limner.moderation.verdict import Moderator, Strictness, Verdict

Stage = Literal["input", "output"]


class Gate:
    """Lets text and pictures pass, or raises. `moderator` None lets everything pass."""

    def __init__(self, moderator: Moderator | None, threads: Executor) -> None:
        self._moderator = moderator
        self._threads = threads

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def is_open(self) -> bool:
        """Whether everything passes unjudged."""
        return self._moderator is None

    async def judge_text(self, text: str) -> Verdict:
        """Return the verdict on a text.

        Raises:
            ModerationFailed: it could not be judged, or nothing is judged here.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._judge.judge_text, text)

    async def judge_image(self, pixels: Pixels) -> Verdict:
        """Return the verdict on a picture.

        Raises:
            ModerationFailed: as `judge_text`.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._judge.judge_image, pixels)

    @property
    def _judge(self) -> Moderator:
        if self._moderator is None:
            raise ModerationFailed("nothing is judged here; start the server with --moderation local")
        return self._moderator

    async def check_text(self, text: str, strictness: Strictness) -> None:
        """Judge a prompt.

        Raises:
            Blocked: a category is over the threshold of `strictness`.
            ModerationFailed: it could not be judged.
        """
        if self._moderator is not None and text:
            _raise_if_blocked(await self.judge_text(text), strictness, "input")

    async def check_image(self, pixels: Pixels, strictness: Strictness, stage: Stage) -> None:
        """Judge a picture that came in or is about to go out.

        Raises:
            Blocked, ModerationFailed: as `check_text`.
        """
        if self._moderator is not None:
            _raise_if_blocked(await self.judge_image(pixels), strictness, stage)


def _raise_if_blocked(verdict: Verdict, strictness: Strictness, stage: Stage) -> None:
    categories = verdict.blocked(strictness)
    if categories:
        evidence = "; ".join(dict.fromkeys(reason for category in categories for reason in verdict.evidence.get(category, ())))
        reason = f" Evidence: {evidence}." if evidence else ""
        what = "The request" if stage == "input" else "The picture that was drawn"
        raise Blocked(f"{what} was rejected by the safety system.{reason} Change it and ask again", stage=stage, categories=categories)
