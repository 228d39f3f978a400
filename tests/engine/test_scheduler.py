"""Who draws next."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.engine.scheduler import MAX_IN_A_ROW, NUM_RECENT_TURNS, Pace, Scheduler, Turn
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


def test_an_owner_who_comes_late_still_gets_a_turn_in_the_round_after_those_who_wait_for_theirs() -> None:
    scheduler = Scheduler(8)
    scheduler.add("a1", owner="a", num_images=2)
    scheduler.add("b1", owner="b", num_images=2)
    scheduler.next_turn()
    scheduler.add("c1", owner="c", num_images=1)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order == ["b1", "c1", "a1", "b1"]


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12))
def test_whoever_asks_for_one_picture_at_a_time_takes_turns_with_one_who_has_many_in_line(gaps: list[int]) -> None:
    scheduler = Scheduler(8)
    scheduler.add("flood", owner="a", num_images=10**6)

    for gap in gaps:
        for _ in range(gap):
            scheduler.next_turn()
        scheduler.add("one", owner="b", num_images=1)
        turns = [scheduler.next_turn()]
        if gap == 0:  # its last turn was the last there was
            turns.append(scheduler.next_turn())

        assert [turn.request_id for turn in turns if turn] == ["flood"] * (gap == 0) + ["one"]


OWNERS = st.sampled_from("abcd")


@given(st.lists(st.one_of(st.none(), st.tuples(OWNERS, st.integers(1, 5)), st.integers(0, 40)), max_size=60))
def test_while_an_owner_waits_every_other_gets_one_turn_at_the_most_whatever_comes_and_goes(
    happenings: list[tuple[str, int] | int | None],
) -> None:
    """None takes a turn, a pair adds a request, a number removes one."""
    scheduler = Scheduler(100)
    left: dict[str, tuple[str, int]] = {}
    seen: dict[str, list[str]] = {}  # for each owner who waits, the turns of others since they began to
    for number, happening in enumerate([*happenings, *[None] * 50]):
        if happening is None:
            turn = scheduler.next_turn()
            if turn is None:
                continue
            owner, count = left.pop(turn.request_id)
            if count > 1:
                left[turn.request_id] = owner, count - 1
            seen[owner] = []
            for other, turns in seen.items():
                turns.extend([owner] if other != owner else [])
        elif isinstance(happening, tuple):
            left[str(number)] = happening
            scheduler.add(str(number), owner=happening[0], num_images=happening[1])
            seen.setdefault(happening[0], [])
        else:
            left.pop(str(happening), None)
            scheduler.remove(str(happening))
        seen = {owner: turns for owner, turns in seen.items() if owner in {waiting for waiting, _ in left.values()}}

        assert all(len(turns) == len(set(turns)) for turns in seen.values()), seen


def test_a_full_line_tells_how_many_turns_it_takes_until_a_request_has_had_its_last() -> None:
    scheduler = Scheduler(8)
    scheduler.add("a1", owner="a", num_images=10)
    scheduler.add("a2", owner="a", num_images=1)
    scheduler.add("b1", owner="b", num_images=3)
    scheduler.add("c1", owner="c", num_images=2, priority="batch")

    foreseen = [scheduler.turns_until_end(owner) for owner in (None, "a", "b", "c", "d")]

    order = [turn.request_id for turn in take_all(scheduler)]
    assert foreseen == [6, 19, 6, 16, None]
    assert max(place for place, name in enumerate(order, 1) if name == "b1") == 6
    assert max(place for place, name in enumerate(order, 1) if name == "a1") == 13, "sooner, for b's requests end before"
    assert len(order) == 16


def test_interactive_requests_go_before_those_of_batches_however_many_came_first() -> None:
    scheduler = Scheduler(8)
    scheduler.add("batch-1", owner="a", num_images=2, priority="batch")
    scheduler.add("batch-2", owner="b", num_images=1, priority="batch")
    scheduler.add("now", owner="a", num_images=2)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order == ["now", "now", "batch-1", "batch-2", "batch-1"]


def test_a_batch_is_not_starved_by_interactive_requests_that_never_end() -> None:
    scheduler = Scheduler(8)
    scheduler.add("batch", owner="a", num_images=2, priority="batch")
    scheduler.add("now", owner="b", num_images=100)

    order = [turn.request_id for turn in take_all(scheduler)]

    assert [place for place, name in enumerate(order) if name == "batch"] == [MAX_IN_A_ROW, 2 * MAX_IN_A_ROW + 1]


def test_turns_before_a_batch_came_do_not_count_against_those_after_it() -> None:
    scheduler = Scheduler(8)
    scheduler.add("now", owner="b", num_images=100)
    for _ in range(MAX_IN_A_ROW + 4):
        scheduler.next_turn()
    scheduler.add("batch", owner="a", num_images=1, priority="batch")

    order = [turn.request_id for turn in take_all(scheduler)]

    assert order.index("batch") == MAX_IN_A_ROW


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


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4), st.booleans(), st.sampled_from(["interactive", "batch"])), max_size=12)
)
def test_every_picture_is_handed_out_exactly_once_unless_its_request_was_removed(requests: list[tuple[str, int, bool, str]]) -> None:
    scheduler = Scheduler(len(requests) + 1)
    for number, (owner, num_images, _, priority) in enumerate(requests):
        scheduler.add(str(number), owner=owner, num_images=num_images, priority=priority)
    for number, (_, _, is_removed, _) in enumerate(requests):
        if is_removed:
            scheduler.remove(str(number))

    turns = take_all(scheduler)

    kept = [(str(number), num_images) for number, (_, num_images, is_removed, _) in enumerate(requests) if not is_removed]
    assert sorted((turn.request_id, turn.index) for turn in turns) == sorted(
        (name, index) for name, count in kept for index in range(count)
    )
    assert len(scheduler) == 0


def test_what_is_to_come_is_estimated_by_the_last_few_pictures_and_what_runs() -> None:
    pace = Pace()
    unknown = pace.seconds_until(3, 0.0)
    for number in range(2 * NUM_RECENT_TURNS):
        pace.begin(10.0 * number)
        pace.end(10.0 * number + (100.0 if number < NUM_RECENT_TURNS else 2.0), is_drawn=True)
    pace.begin(1000.0)
    pace.end(1009.0, is_drawn=False)

    idle = pace.seconds_until(3, 2000.0)
    pace.begin(2000.0)
    estimates = [pace.seconds_until(turns, now) for turns, now in ((0, 2000.0), (0, 2001.5), (4, 2001.5), (4, 2060.0))]

    assert unknown is None
    assert idle == 6.0
    assert estimates == [2.0, 0.5, 8.5, 8.0]
