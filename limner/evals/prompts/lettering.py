"""Prompts that quote a word of two to eight letters: words that training may letter, and words that it never does."""

from __future__ import annotations

from collections.abc import Iterator

from limner.data.heldout import is_held_out_word
from limner.evals.tasks import CATEGORIES, Task, ranked

MAX_LETTERS = 8
WORDS = tuple(
    """
    acorn amber anchor apple april autumn badge bagel bakery banjo basil beach berry birthday blanket bloom book brave bread breeze brick
    bridge bronze burger butter cabin cactus cake camp candle candy canoe carpet castle cedar champion charm cheese chess cider circle
    cinema city climb cloud clover club coast coffee comet concert cookie copper coral cotton cozy crisp crown daily dance delta desert
    diamond dinner dog dragon dream eagle earth east echo ember engine family fancy farm feather fern festival finish fire fish flame
    flower flute fog forest fountain fox fresh friday friend frost garden ghost giant ginger glacier glow go gold grape green hammer happy
    harbor harvest hazel hello hero hiking holiday home honey hope hotel ice indie island ivory jacket jam jazz jolly joy juice jump
    jungle kayak kitchen kitten ladder lake lantern laugh left lemon level library light lilac lime lion lobster love lucky lunar magic
    mango maple marble market meadow melon menu metro milk mint mirror misty mocha monday moon morning mountain movie museum music new
    night no noble north novel ocean office olive onion open opera orange orbit orchid oyster paint palace palm paper parade park party
    pasta pearl pencil penny pepper petal piano pilot pizza planet play plaza plum pocket poet polar prairie prism pulse puzzle quartz
    queen quest quick quiet radio rain ranch raven ready relax ribbon ridge right river road robot rock rocket rose royal salad sale salsa
    salt satin sauce school score scout sea shadow shelter shield ship shop signal silk silver sky sleep smile snow soap solar song soup
    south spark spice sport spring square stable star start station steam stone stop storm studio sugar summer sunday sunny sunset super
    surf swing table tango tea temple thanks theatre thunder ticket tiger timber toast tomato topaz torch tower town toy trail train
    travel trophy tulip tunnel turtle ultra unity up urban valley vanilla velvet video village vinyl violin vital volcano wagon walnut
    waltz water wave weekend welcome west wheat whisper wild win wind window winner winter wise wizard wolf wonder world yacht yellow yes
    yoga young zebra zen zigzag zoo
    alarm beer biking black coat drink food hospital judge keyboard leopard logo moose page peanuts ping pink soft speak store sun surfing
    wireless
    """.split()
)
FORMS = (
    'the word "{}"',
    'a sign that says "{}"',
    'a poster with the title "{}"',
    'a sticker that says "{}"',
    'a round badge with the text "{}"',
    'big letters "{}" on a plain background',
)
_CASES = (str.upper, str.capitalize, str.lower)


def write_seen() -> Iterator[Task]:
    """Yield prompts with words that training may letter."""
    yield from _write("text-seen", is_held_out=False)


def write_held_out() -> Iterator[Task]:
    """Yield prompts with words that training never letters."""
    yield from _write("text-held-out", is_held_out=True)


def _write(category: str, *, is_held_out: bool) -> Iterator[Task]:
    words = [word for word in WORDS if is_held_out_word(word) == is_held_out]
    for number, word in enumerate(ranked(words, category)[: CATEGORIES[category].size]):
        lettered = _CASES[number % len(_CASES)](word)
        form = FORMS[number // len(_CASES) % len(FORMS)]
        yield Task(category=category, number=number, prompt=form.format(lettered), word=lettered)
