"""Who draws next, and how long that will take. No tensors, no threads.

Interactive requests go before those of batches; among each, owners take turns of one picture, and an owner's requests go first come, first
served. A batch that waits gets one turn after `MAX_IN_A_ROW` interactive ones, so that it ends some day on a server that is never idle.

A round gives each owner one turn. Whoever comes while it runs and had none in it still gets one in it, so an owner with one request waits
for what is being drawn and for one picture of each other owner at the most, and for none of an owner who has had a turn in this round.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

from limner.engine.protocol import Priority
from limner.errors import QueueFull

MAX_IN_A_ROW = 16
NUM_RECENT_TURNS = 16


@dataclass(frozen=True)
class Turn:
    """Picture `index` of a request may be drawn now."""

    request_id: str
    index: int


@dataclass
class _Waiting:
    """A request with pictures that nobody has begun; `next_index` is the first of them."""

    request_id: str
    num_images: int
    next_index: int = 0

    @property
    def num_left(self) -> int:
        """How many of its pictures nobody has begun."""
        return self.num_images - self.next_index


class _Round:
    """Owners in the order of their turns, each with the requests that wait: those who get a turn in this round, then those of the next."""

    def __init__(self) -> None:
        self._now: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._later: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._have_had: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._now or self._later)

    def add(self, owner: str, request: _Waiting) -> None:
        """Let a request wait; an owner for whom none waited joins at the end of this round, or of the next one after a turn in this."""
        joined = self._later if owner in self._later or (owner in self._have_had and owner not in self._now) else self._now
        joined.setdefault(owner, deque()).append(request)

    def next_turn(self) -> tuple[Turn, bool]:
        """Take the next picture, and say whether it was its request's last; an owner for whom more wait gets a turn in the next round."""
        if not self._now:
            self._now, self._later = self._later, OrderedDict()
            self._have_had.clear()
        owner, requests = self._now.popitem(last=False)
        self._have_had.add(owner)
        request = requests[0]
        turn = Turn(request.request_id, request.next_index)
        request.next_index += 1
        is_last = request.num_left == 0
        if is_last:
            requests.popleft()
        if requests:
            self._later[owner] = requests
        return turn, is_last

    def turns_until_end(self, owner: str | None) -> int | None:
        """As `Scheduler.turns_until_end`, in this round and those that follow."""
        owners = [*self._now.items(), *self._later.items()]
        ends = [
            place + (requests[0].num_left - 1) * len(owners) for place, (name, requests) in enumerate(owners, 1) if owner in (None, name)
        ]
        return min(ends, default=None)

    def num_pictures(self) -> int:
        """Return how many pictures wait."""
        return sum(request.num_left for half in (self._now, self._later) for requests in half.values() for request in requests)

    def remove(self, owner: str, request_id: str) -> None:
        """Forget a request that waits."""
        half = self._now if owner in self._now else self._later
        left = deque(request for request in half[owner] if request.request_id != request_id)
        if left:
            half[owner] = left
        else:
            del half[owner]


class Scheduler:
    """A bounded queue of requests. Not safe from several threads: the caller holds a lock."""

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._rounds: dict[Priority, _Round] = {"interactive": _Round(), "batch": _Round()}
        self._places: dict[str, tuple[Priority, str]] = {}
        self._num_in_a_row = 0

    def __len__(self) -> int:
        """Return how many requests still have pictures to begin."""
        return len(self._places)

    def add(self, request_id: str, *, owner: str, num_images: int, priority: Priority = "interactive") -> None:
        """Let a request wait for its turns.

        Raises:
            QueueFull: as many requests wait as may.
        """
        if len(self) >= self._max_waiting:
            raise QueueFull(f"{len(self)} requests wait already, which is the limit; try again when some have finished")
        self._places[request_id] = priority, owner
        self._rounds[priority].add(owner, _Waiting(request_id, num_images))

    def next_turn(self) -> Turn | None:
        """Take the next picture to draw, or None if nothing waits."""
        interactive, batch = self._rounds["interactive"], self._rounds["batch"]
        if not interactive and not batch:
            return None
        is_batch = bool(batch) and (not interactive or self._num_in_a_row >= MAX_IN_A_ROW)
        self._num_in_a_row = self._num_in_a_row + 1 if batch and not is_batch else 0
        turn, is_last = (batch if is_batch else interactive).next_turn()
        if is_last:
            del self._places[turn.request_id]
        return turn

    def remove(self, request_id: str) -> None:
        """Forget the pictures of a request that nobody has begun; harmless if there are none."""
        place = self._places.pop(request_id, None)
        if place is not None:
            priority, owner = place
            self._rounds[priority].remove(owner, request_id)

    def turns_until_end(self, owner: str | None = None) -> int | None:
        """Return how many turns it will take, at the most, until a request has had its last one, of this owner or of anybody.

        None if no such request waits. Who comes meanwhile is not foreseen.
        """
        interactive, batch = self._rounds["interactive"], self._rounds["batch"]
        if (turns := interactive.turns_until_end(owner)) is not None:
            return turns
        turns = batch.turns_until_end(owner)
        return None if turns is None else turns + interactive.num_pictures()


class Pace:
    """How long turns take, by the last few that drew a picture. Times are seconds of one clock that the caller reads."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque(maxlen=NUM_RECENT_TURNS)
        self._begun: float | None = None

    def begin(self, now: float) -> None:
        """A turn begins."""
        self._begun = now

    def end(self, now: float, *, is_drawn: bool) -> None:
        """The turn has ended; one that drew no picture tells nothing of the others."""
        if is_drawn and self._begun is not None:
            self._taken.append(now - self._begun)
        self._begun = None

    def seconds_until(self, num_turns: int, now: float) -> float | None:
        """Estimate when the turn that runs, and so many after it, will have ended; None while nothing was drawn yet."""
        if not self._taken:
            return None
        usual_s = sum(self._taken) / len(self._taken)
        left_s = 0.0 if self._begun is None else max(usual_s - (now - self._begun), 0.0)
        return left_s + num_turns * usual_s
