"""Moderation without another machine: the text head and the image classifiers, in this process, one thread for each call."""

from __future__ import annotations

from pathlib import Path

from limner.engine.protocol import Pixels
from limner.engine.weights import weights_folder
from limner.errors import DamagedFile, ModerationFailed
from limner.moderation.images import ImageJudge
from limner.moderation.text import TextJudge
from limner.moderation.verdict import Verdict


class LocalModerator:
    """A `Moderator`; text can be judged at once, the image classifiers are loaded at the first image."""

    def __init__(self, weights_dir: Path | str | None = None) -> None:
        """Load the text encoder and the head; None takes the folder that drawing uses.

        Raises:
            DamagedFile: one of them is missing, damaged, or not made for the other.
        """
        self._text: TextJudge | None = TextJudge.open(weights_folder(weights_dir))
        self._images = ImageJudge()

    def judge_text(self, text: str) -> Verdict:
        """Judge a prompt of any length.

        Raises:
            ModerationFailed: the moderator was closed.
        """
        return self._open_text().judge(text)

    def judge_image(self, pixels: Pixels) -> Verdict:
        """Judge straight-alpha RGBA, uint8, (height, width, 4).

        Raises:
            ModerationFailed: the classifiers cannot be loaded, or the moderator was closed.
        """
        self._open_text()
        try:
            return self._images.judge(pixels)
        except DamagedFile as error:
            raise ModerationFailed(f"the image could not be judged: {error.message}") from error

    def close(self) -> None:
        """Let go of the classifiers."""
        self._text = None
        self._images = ImageJudge()

    def _open_text(self) -> TextJudge:
        if self._text is None:
            raise ModerationFailed("nothing can be judged any more: the moderator is closed")
        return self._text
