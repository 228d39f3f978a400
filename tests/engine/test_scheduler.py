"""Who draws next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.scheduler import Scheduler, Turn
from limner.errors import QueueFull


def take_all(scheduler: Scheduler) -> list[Turn]:
    turns = []
    while (turn := scheduler.next_turn()) is not None:
        turns.append(turn)
    return turns


def test_one_owners_requests_are_drawn_first_come_first_served() -> None:
    scheduler = Scheduler(8)
    for request_id in ("first", "second", "third"):
        scheduler.add(request_id, owner="a", num_images=1)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order == ["first", "second", "third"]


def test_owners_take_turns_of_one_picture_so_ten_pictures_do_not_hold_up_one() -> None:
    scheduler = Scheduler(8)
    scheduler.add("ten", owner="a", num_images=10)
    scheduler.add("one", owner="b", num_images=1)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order.index("one") == 1
    assert order.count("ten") == 10


def test_an_owner_who_comes_late_joins_at_the_end_of_the_round() -> None:
    scheduler = Scheduler(8)
    scheduler.add("a1", owner="a", num_images=2)
    scheduler.add("b1", owner="b", num_images=2)
    scheduler.next_turn()
    scheduler.add("c1", owner="c", num_images=1)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order == ["b1", "a1", "c1", "b1"]


def test_pictures_of_a_request_are_handed_out_in_order() -> None:
    scheduler = Scheduler(8)
    scheduler.add("a1", owner="a", num_images=3)

    assert take_all(scheduler) == [Turn("a1", 0), Turn("a1", 1), Turn("a1", 2)]


def test_a_full_queue_refuses_and_has_room_again_when_a_request_has_begun_its_last_picture() -> None:
    scheduler = Scheduler(1)
    scheduler.add("a1", owner="a", num_images=1)

    with pytest.raises(QueueFull, match="1 requests wait"):
        scheduler.add("b1", owner="b", num_images=1)
    scheduler.next_turn()
    scheduler.add("b1", owner="b", num_images=1)

    assert take_all(scheduler) == [Turn("b1", 0)]


def test_a_removed_request_gets_no_more_turns_and_frees_its_place() -> None:
    scheduler = Scheduler(2)
    scheduler.add("a1", owner="a", num_images=3)
    scheduler.add("a2", owner="a", num_images=1)
    scheduler.next_turn()

    scheduler.remove("a1")
    scheduler.remove("a1")

    assert len(scheduler) == 1
    assert take_all(scheduler) == [Turn("a2", 0)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.booleans()), max_size=12))
def test_every_picture_is_handed_out_exactly_once_unless_its_request_was_removed(requests: list[tuple[str, int, bool]]) -> None:
    scheduler = Scheduler(len(requests) + 1)
    for number, (owner, num_images, _) in enumerate(requests):
        scheduler.add(str(number), owner=owner, num_images=num_images)
    for number, (_, _, is_removed) in enumerate(requests):
        if is_removed:
            scheduler.remove(str(number))

    turns = take_all(scheduler)

    kept = [(str(number), num_images) for number, (_, num_images, is_removed) in enumerate(requests) if not is_removed]
    assert sorted((turn.request_id, turn.index) for turn in turns) == sorted(
        (name, index) for name, count in kept for index in range(count)
    )
    assert len(scheduler) == 0
