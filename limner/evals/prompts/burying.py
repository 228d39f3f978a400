"""The same scenes asked for in other ways: buried in a long text, written as code, or in another language."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping, Sequence

from limner.data.naming import plural
from limner.evals.prompts.following import ground_for
from limner.evals.tasks import CATEGORIES, Task, ranked
from limner.evals.verdict import Order, Wanted

BURIED_IN = ("one-object", "two-objects", "counting", "colours", "position", "colour-attribution")
NUM_SENTENCES = 40
FILLER: tuple[str, ...] = (
    "Thank you all for joining the call on Tuesday, it was good to hear so many opinions.",
    "As agreed, the budget stays where it was and nobody needs to ask for more.",
    "Our readers are mostly adults who look at the page for a few seconds.",
    "The previous agency delivered late, which is why we would like to begin soon.",
    "Whatever you choose, it should work in print as well as on a screen.",
    "We had a long discussion about taste and came to no conclusion.",
    "The person who wrote the first brief has left the company since.",
    "Please do not worry about the file name, somebody else takes care of that.",
    "Several colleagues have asked whether the deadline can be moved, and it cannot.",
    "It would be wonderful if the result could be understood without any explanation.",
    "The legal department has read this text and has no objections.",
    "In the last campaign we tried something complicated and people did not like it.",
    "Simplicity is what everybody asks for and hardly anybody manages to deliver.",
    "I will be on holiday from the twelfth, so write to my colleague after that.",
    "The survey showed that most visitors remember one thing and forget the rest.",
    "Nothing here is final, and honest criticism is always welcome.",
    "Keep in mind that the same page is read by people with very little time.",
    "We have worked together for nine years and never had a serious argument.",
    "The second version of the brief was longer, and this one is longer still.",
    "If anything is unclear, it is better to ask once too often than once too seldom.",
    "Management expects a proposal before the end of the quarter.",
    "There is no need to explain how it was made, only that it was made with care.",
    "Last year the feedback arrived after the work was already published.",
    "Quality matters more than speed, although speed matters as well.",
)
ASKING = ("What we need is {}.", "The picture shall show {}.", "Please draw {}.")
TRANSLATED = ("cat", "dog", "house", "car", "bicycle", "star", "key", "rocket", "umbrella", "fish")
LANGUAGES: Mapping[str, str] = {
    "de": "eine Katze, ein Hund, ein Haus, ein Auto, ein Fahrrad, ein Stern, ein Schlüssel, eine Rakete, ein Regenschirm, ein Fisch",
    "fr": "un chat, un chien, une maison, une voiture, un vélo, une étoile, une clé, une fusée, un parapluie, un poisson",
    "es": "un gato, un perro, una casa, un coche, una bicicleta, una estrella, una llave, un cohete, un paraguas, un pez",
    "it": "un gatto, un cane, una casa, una macchina, una bicicletta, una stella, una chiave, un razzo, un ombrello, un pesce",
    "pt": "um gato, um cachorro, uma casa, um carro, uma bicicleta, uma estrela, uma chave, um foguete, um guarda-chuva, um peixe",
    "ru": "кошка, собака, дом, автомобиль, велосипед, звезда, ключ, ракета, зонт, рыба",
    "ja": "猫, 犬, 家, 車, 自転車, 星, 鍵, ロケット, 傘, 魚",
    "zh": "猫, 狗, 房子, 汽车, 自行车, 星星, 钥匙, 火箭, 雨伞, 鱼",
}  # the words of `TRANSLATED`, in their order


def bury(plain: Sequence[Task]) -> Iterator[Task]:
    """Yield plain prompts of the six categories, ten of each, buried in forty sentences of office prose; each names its twin."""
    for number, twin in enumerate(_take(plain, CATEGORIES["long"].size)):
        filler = [*ranked(FILLER, "long", number), *ranked(FILLER, "more", number)][: NUM_SENTENCES - 1]
        wish = twin.prompt.removeprefix("draw ").removeprefix("a picture of ").removeprefix("an illustration of ")
        filler.insert(number * 7 % NUM_SENTENCES, ASKING[number % len(ASKING)].format(wish))
        yield Task(category="long", number=number, prompt=" ".join(filler), order=twin.order, twin=twin.key)


def write_json(plain: Sequence[Task]) -> Iterator[Task]:
    """Yield scenes as a program would say them in JSON."""
    for number, twin in enumerate(_take(plain, CATEGORIES["json"].size)):
        assert twin.order is not None, "the six categories have orders"
        prompt = json.dumps({"kind": "scene", "place": f"on a {ground_for(twin.order)} background", "objects": _objects(twin.order)})
        yield Task(category="json", number=number, prompt=prompt, order=twin.order, twin=twin.key)


def write_html(plain: Sequence[Task]) -> Iterator[Task]:
    """Yield scenes as a page would say them in HTML; there are no relations in it."""
    chosen = [task for task in plain if task.order is not None and not task.order.relation]
    for number, twin in enumerate(_take(chosen, CATEGORIES["html"].size)):
        assert twin.order is not None, "the six categories have orders"
        images = "".join(f'<img alt="{html.escape(_words(thing))}">' * thing.count for thing in twin.order.things)
        ground = ground_for(twin.order).replace(" ", "")
        yield Task(
            category="html",
            number=number,
            prompt=f'<div class="scene" style="background: {ground}">{images}</div>',
            order=twin.order,
            twin=twin.key,
        )


def write_languages() -> Iterator[Task]:
    """Yield single things in eight languages: "ein Regenschirm"."""
    translated = [(concept, word) for words in LANGUAGES.values() for concept, word in zip(TRANSLATED, words.split(", "), strict=True)]
    for number, (concept, word) in enumerate(ranked(translated, "languages")):
        order = Order(things=(Wanted(concept=concept),))
        yield Task(category="languages", number=number, prompt=word, order=order, background="transparent")


def _take(plain: Sequence[Task], count: int) -> list[Task]:
    """Return the first tasks of each category in turn."""
    queues = [[task for task in plain if task.category == name] for name in BURIED_IN]
    turns = (queue[place] for place in range(count) for queue in queues if place < len(queue))
    return [task for task, _ in zip(turns, range(count), strict=False)]


def _words(thing: Wanted) -> str:
    return " ".join(word for word in (thing.colour, thing.concept) if word)


def _objects(order: Order) -> list[dict[str, object]]:
    sides = {
        "left of": ("left", "right"),
        "right of": ("right", "left"),
        "above": ("top", "bottom"),
        "below": ("bottom", "top"),
        "": ("", ""),
    }
    items: list[dict[str, object]] = []
    for thing, side in zip(order.things, sides[order.relation], strict=False):
        item: dict[str, object] = {"name": _words(thing) if thing.count == 1 else plural(_words(thing))}
        items.append(item | ({"count": thing.count} if thing.count > 1 else {}) | ({"at": side} if side else {}))
    return items
