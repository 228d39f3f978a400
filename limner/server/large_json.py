"""JSON bodies of megabytes, parsed a piece at a time.

A parser holds the interpreter's lock from the first byte to the last, which for a picture of 20 MB is long enough to stall every other
request. So long strings are cut out, what is left is parsed at once, and the strings are parsed in pieces and put back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from limner.errors import BodyTooLarge, InvalidBody

LONG_STRING_BYTES, MAX_STRING_BYTES = 2**10, 24 * 2**20
MAX_REST_BYTES, MAX_QUOTES = 2**18, 2**18  # what is left without the long strings
PIECE_BYTES, SEARCH_BYTES = 2**18, 2**22
LONGEST_ESCAPE = 6
FIRST_HALF = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}")
QUOTE, BACKSLASH = bytearray(b'"'), b"\\"
MARK = secrets.token_hex(16)  # never leaves this process, so no caller's text begins with it


def parse_large_json(body: bytearray, parse: Callable[[bytearray], Any]) -> Any:
    """Return what the JSON says; `parse` parses what is small. Takes its time, and lets other threads go on meanwhile.

    Raises:
        BodyTooLarge: a string is too long, or there is too much beside long strings.
        InvalidBody: as `parse`.
    """
    rest, texts, copied = bytearray(), list[str](), 0
    for start, end in _long_strings(body):
        rest += body[copied:start] + f"{MARK}{len(texts)}".encode()
        texts.append("".join(parse(piece) for piece in _pieces(body, start, end)))
        copied = end
        _check_rest(len(rest))
    _check_rest(len(rest) + len(body) - copied)
    rest += body[copied:]
    try:
        return _put_back(parse(rest), texts)
    except RecursionError as error:
        raise InvalidBody("the body is JSON of too many values inside each other; send fewer") from error


def _long_strings(body: bytearray) -> Iterator[tuple[int, int]]:
    """Yield where the insides of long strings begin and end."""
    num_quotes, end = 0, -1
    while (start := _find_quote(body, end + 1)) != -1:
        end = _find_quote(body, start + 1)
        while end != -1 and _is_escaped(body, end):
            end = _find_quote(body, end + 1)
            num_quotes += 1
        num_quotes += 2
        if num_quotes > MAX_QUOTES:
            raise BodyTooLarge(f"the body has more than {MAX_QUOTES:,} quotation marks; send less at once")
        if end == -1:
            return
        if end - start > MAX_STRING_BYTES:
            raise BodyTooLarge(
                f"the body has a string of {end - start - 1:,} bytes; at most {MAX_STRING_BYTES:,} are read, so upload a file"
            )
        if end - start > LONG_STRING_BYTES:
            yield start + 1, end


def _find_quote(body: bytearray, start: int) -> int:
    for place in range(start, len(body), SEARCH_BYTES):
        found = body.find(QUOTE, place, place + SEARCH_BYTES)
        if found != -1:
            return found
    return -1


def _is_escaped(body: bytearray, place: int) -> bool:
    """Say whether an odd number of backslashes stands before a place."""
    return _run_of_backslashes(body, place) % 2 == 1


def _run_of_backslashes(body: bytearray, place: int) -> int:
    """Return how many backslashes stand before a place; it takes longer only for a caller who sends more of them."""
    count = LONGEST_ESCAPE
    while count < place and not body[place - count : place].strip(BACKSLASH):
        count *= 2
    window = body[max(0, place - count) : place]
    return len(window) - len(window.rstrip(BACKSLASH))


def _pieces(body: bytearray, start: int, end: int) -> Iterator[bytearray]:
    """Yield the inside of a string as shorter strings, none of which ends inside an escape or inside a character."""
    while start < end:
        stop = min(start + PIECE_BYTES, end)
        if stop < end:
            stop = _safe_stop(body, start, stop)
        yield QUOTE + body[start:stop] + QUOTE
        start = stop


def _safe_stop(body: bytearray, start: int, stop: int) -> int:
    while body[stop] & 0xC0 == 0x80:  # inside a character of UTF-8
        stop -= 1
    tail = body[stop - LONGEST_ESCAPE : stop].find(BACKSLASH)
    if tail == -1:
        return stop
    first = stop - LONGEST_ESCAPE + tail
    first -= _run_of_backslashes(body, first)
    if FIRST_HALF.fullmatch(body, max(start, first - LONGEST_ESCAPE), first):  # of a character that is written as two escapes
        first -= LONGEST_ESCAPE
    return first if first > start else stop


def _check_rest(num_bytes: int) -> None:
    if num_bytes > MAX_REST_BYTES:
        raise BodyTooLarge(f"the body has over {MAX_REST_BYTES:,} bytes beside pictures; send less at once")


def _put_back(value: Any, texts: list[str]) -> Any:
    if isinstance(value, dict):
        return {_put_back(name, texts): _put_back(entry, texts) for name, entry in value.items()}
    if isinstance(value, list):
        return [_put_back(entry, texts) for entry in value]
    if isinstance(value, str) and value.startswith(MARK):
        return texts[int(value.removeprefix(MARK))]
    return value
