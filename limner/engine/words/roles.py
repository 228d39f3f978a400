"""Which part the images of a request play, read from its words: is the first one changed, or are all of them shown anew?"""

from __future__ import annotations

import re

from limner.model.prompts.orders import translate_orders

POLITE = r"(?:(?:please|now|just|can (?:you|u)|could you|would you|i (?:want|would like)(?: you)? to|i'd like(?: you)? to)[ ,]+)*"
_THING_OF = r"(?:the (?:(?!image|picture|photo)\w+ ){1,4}?(?:of|in|from) )?"
_FIRST = r"(?:image (?:1|one)|the (?:first|1st) (?:image|picture|photo))\b"
_OTHER = r"(?:image \w+|the \w+ (?:image|picture|photo))\b"
_ALL_OF_THEM = re.compile(
    r"\b(?:all (?:of )?(?:these|them|the (?:images|pictures|photos))|these (?:images|pictures|photos|things|items)|"
    rf"{_FIRST} (?:and|with) {_OTHER})",
    re.IGNORECASE,
)
_SHOWS_THE_FIRST = re.compile(rf"^{POLITE}(?:put|place|show|draw|lay|arrange|set) {_THING_OF}{_FIRST}", re.IGNORECASE)
_CHANGES_THE_FIRST = re.compile(
    rf"\b(?:to|on|onto|into|in|inside|over|behind|under|beside|from|change|edit|replace|make) {_THING_OF}{_FIRST}",
    re.IGNORECASE,
)
_SHOULD_BE = re.compile(
    rf"^{POLITE}{_THING_OF}(?!{_FIRST}){_OTHER} (?:should|must|has to|needs to) (?:be|go|stand|sit|lie|appear)\b", re.IGNORECASE
)
_ORDERS = re.compile(
    rf"^{POLITE}(?:add|put|place|insert|paste|remove|delete|erase|replace|swap|change|make|turn|give|apply|use|redraw|(?:re)?colou?r|paint|"
    r"move|dress|restyle|convert|transfer|edit|fill|extend|let|wrap|blend|crop|fit|hang|attach|print|draw (?:it|them)|in the style of|"
    rf"draw {_THING_OF}{_OTHER})\b",
    re.IGNORECASE,
)


def changes_the_first(prompt: str, num_images: int) -> bool:
    """Tell whether image 1 is the source of an edit; if not, a new picture of what all images show is asked for.

    One image is always a source. Of several the first is one for an order ("add the hat of image 2", "put image 2 on image 1", "use the
    style of the second image"), and none is for a description of the result ("a basket with these things", "image 1 and image 2
    side by side").
    """
    if num_images == 1:
        return True
    words = translate_orders(prompt).strip()
    if _ALL_OF_THEM.search(words) or _SHOWS_THE_FIRST.match(words):
        return False
    return bool(_ORDERS.match(words) or _SHOULD_BE.match(words) or _CHANGES_THE_FIRST.search(words))
