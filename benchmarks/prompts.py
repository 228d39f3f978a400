"""How prompts are understood: what comes through of other languages, that English stays, and how long it takes.

Run as `python -m benchmarks.prompts` from the repository.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from pathlib import Path

from tokenizers import Tokenizer

from limner.engine.weights import PACKAGED_WEIGHTS, TEXT_ENCODER
from limner.model.prompts.orders import translate_orders
from limner.model.prompts.translate import translate
from limner.model.prompts.understand import understand
from limner.model.text import load_tokenizer

HERE = Path(__file__).parent
LONG_CHARS = 32_000


def read_prompts(name: str) -> list[str]:
    """Return the lines of a list of prompts."""
    return [line for line in (HERE / name).read_text("utf-8").splitlines() if line and not line.startswith("#")]


def measure_languages() -> None:
    """Print which share of the wanted words each language brings, and what is missing."""
    found: dict[str, list[bool]] = defaultdict(list)
    for line in read_prompts("translated_prompts.txt"):
        locale, prompt, wanted = (part.strip() for part in line.split("|"))
        english = translate(prompt)
        missing = [word for word in wanted.split(", ") if not re.search(rf"\b{word}s?\b", english)]
        found[locale] += [word not in missing for word in wanted.split(", ")]
        if missing:
            print(f"  {locale}: {prompt} -> {english} (missing: {', '.join(missing)})")
    for locale, words in found.items():
        print(f"{locale:8} {sum(words)} of {len(words)} words")
    total = [word for words in found.values() for word in words]
    print(f"together {sum(total)} of {len(total)} words ({sum(total) / len(total):.0%})")


def measure_orders() -> None:
    """Print how many instructions of edits become the phrasing that is wanted, and what the others become."""
    lines = [[part.strip() for part in line.split("|")] for line in read_prompts("translated_orders.txt")]
    wrong = [(locale, asked, said, wanted) for locale, asked, wanted in lines if (said := translate_orders(asked)) != wanted]
    for locale, asked, said, wanted in wrong:
        print(f"  {locale}: {asked} -> {said} (wanted: {wanted})")
    start = time.process_time()
    for _, asked, _ in lines:
        translate_orders(asked)
    each_ms = 1000 * (time.process_time() - start) / len(lines)
    print(f"orders: {len(lines) - len(wrong)} of {len(lines)}, {each_ms:.2f} ms each")


def measure_english(tokenizer: Tokenizer) -> None:
    """Print how many English prompts are taken for another language, how many are rewritten at all, and the time of each."""
    prompts = read_prompts("innocent_prompts.txt")
    foreign = sum(translate(prompt) != prompt for prompt in prompts)
    start = time.process_time()
    changed = sum(understand(prompt, tokenizer) != prompt for prompt in prompts)
    each_ms = 1000 * (time.process_time() - start) / len(prompts)
    print(f"English: {foreign} of {len(prompts)} translated, {changed} rewritten, {each_ms:.2f} ms each")


def measure_long(tokenizer: Tokenizer) -> None:
    """Print the processor time of prompts of the greatest length."""
    prompts = {
        "English": " ".join(read_prompts("innocent_prompts.txt")),
        "German": "Das Komitee sprach über den Jahresbericht, und ein roter Hund schläft neben dem Haus. ",
        "Chinese": "委员会开会讨论年度报告，红色的狗在蓝色的猫的左边。",
    }
    for name, filler in prompts.items():
        prompt = (filler * (LONG_CHARS // len(filler) + 1))[:LONG_CHARS]
        start = time.process_time()
        understand(prompt, tokenizer)
        print(f"{LONG_CHARS:,} characters of {name}: {1000 * (time.process_time() - start):.0f} ms")


def main() -> None:
    """Print everything."""
    tokenizer = load_tokenizer((PACKAGED_WEIGHTS / TEXT_ENCODER / "tokenizer.json").read_bytes())
    measure_languages()
    measure_orders()
    measure_english(tokenizer)
    measure_long(tokenizer)


if __name__ == "__main__":
    main()
