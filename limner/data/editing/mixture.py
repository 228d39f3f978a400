"""Pictures from words and edits of pictures in one stream, so that what is learnt of the one is kept while the other is learnt."""

from __future__ import annotations

import hashlib

from limner.data.corpus import Corpus, Example, example_rng
from limner.data.editing.editor import Editor
from limner.data.editing.pair import EditPair
from limner.data.sight import hide
from limner.media.resize import reduce_pixels

EDITING_VERSION = 2  # counts changes of the code that change a pair
SHARE_SMALL = 0.75  # of the references are shown in a quarter of their patches
SMALL_PX = 64
MOST_LARGE = 3  # references; more are always small


class Mixture:
    """Examples of a corpus, of which a share are edits of its scenes and drawings; each a pure function of its number."""

    def __init__(self, corpus: Corpus, share_edit: float) -> None:
        self.recipe, self.size_px = corpus.recipe, corpus.size_px
        self._corpus, self._editor, self._share_edit = corpus, Editor(corpus), share_edit
        self.things = corpus.things

    @property
    def digest(self) -> str:
        """Return "sha256:..." over the corpus, the share and the version of the code that edits."""
        text = f"{EDITING_VERSION} {self._share_edit} {self._corpus.digest}"
        return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"

    def example(self, index: int) -> Example:
        """Return one example; the same answer in every process and in any order."""
        rng = example_rng(self.recipe.seed + 3, index)
        if rng.random() >= self._share_edit:
            return self._corpus.example(index)
        pair = self._editor.pair(index)
        return self._as_example(pair, is_small=bool(rng.random() < SHARE_SMALL) or len(pair.references) > MOST_LARGE)

    def _as_example(self, pair: EditPair, *, is_small: bool) -> Example:
        sight = None if pair.after is None else self._corpus.look(pair.after)
        source_sight = sight if pair.before is None else self._corpus.look(pair.before)
        if source_sight is not None and pair.shown is not None:
            source_sight = hide(source_sight, pair.shown)
        return Example(
            pair.result,
            pair.instruction,
            pair.background,
            source=pair.source,
            shown=pair.shown,
            free=pair.free,
            references=tuple(reduce_pixels(picture, SMALL_PX) for picture in pair.references) if is_small else pair.references,
            reference_numbers=pair.reference_numbers,
            sight=sight,
            source_sight=None if pair.source is None else source_sight,
        )
