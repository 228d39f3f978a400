"""Silence is noticed, signs of life are not mistaken for it."""

from __future__ import annotations

import threading
import time

from limner.engine.watchdog import Watchdog

LIMIT_S = 0.2


def test_silence_is_told_once_and_signs_of_life_put_it_off() -> None:
    told: list[float] = []
    is_told = threading.Event()
    dog = Watchdog(LIMIT_S, lambda silence_s: (told.append(silence_s), is_told.set()))
    start = time.monotonic()
    while time.monotonic() - start < 3 * LIMIT_S:
        dog.expect()
        time.sleep(LIMIT_S / 20)
    before = list(told)

    noticed = is_told.wait(10 * LIMIT_S)
    time.sleep(2 * LIMIT_S)

    dog.close()
    assert before == []
    assert noticed
    assert told == [LIMIT_S]


def test_nothing_is_told_at_rest_or_once_closed_and_it_can_be_told_again() -> None:
    told: list[float] = []
    is_told = threading.Semaphore(0)
    dog = Watchdog(LIMIT_S, lambda silence_s: (told.append(silence_s), is_told.release()))
    dog.expect()
    dog.rest()
    time.sleep(2 * LIMIT_S)
    at_rest = len(told)
    for _ in range(2):
        dog.expect()
        assert is_told.acquire(timeout=10 * LIMIT_S)

    dog.expect()
    dog.close()
    time.sleep(2 * LIMIT_S)

    assert at_rest == 0
    assert len(told) == 2
