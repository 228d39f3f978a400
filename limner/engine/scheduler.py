"""Who draws next: owners take turns of one picture each, an owner's requests go first come, first served. No tensors, no threads."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass

from limner.errors import QueueFull


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


class Scheduler:
    """A bounded queue of requests. Not safe from several threads: the caller holds a lock."""

    def __init__(self, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._owners: OrderedDict[str, deque[_Waiting]] = OrderedDict()
        self._owner_of: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many requests still have pictures to begin."""
        return len(self._owner_of)

    def add(self, request_id: str, *, owner: str, num_images: int) -> None:
        """Let a request wait for its turns; a new owner joins at the end of the round.

        Raises:
            QueueFull: as many requests wait as may.
        """
        if len(self) >= self._max_waiting:
            raise QueueFull(f"{len(self)} requests wait already, which is the limit; try again when some have finished")
        self._owner_of[request_id] = owner
        self._owners.setdefault(owner, deque()).append(_Waiting(request_id, num_images))

    def next_turn(self) -> Turn | None:
        """Take the next picture to draw, or None if nothing waits; its owner goes to the end of the round."""
        if not self._owners:
            return None
        owner, requests = self._owners.popitem(last=False)
        request = requests[0]
        turn = Turn(request.request_id, request.next_index)
        request.next_index += 1
        if request.next_index == request.num_images:
            requests.popleft()
            del self._owner_of[request.request_id]
        if requests:
            self._owners[owner] = requests
        return turn

    def remove(self, request_id: str) -> None:
        """Forget the pictures of a request that nobody has begun; harmless if there are none."""
        owner = self._owner_of.pop(request_id, None)
        if owner is None:
            return
        left = deque(request for request in self._owners[owner] if request.request_id != request_id)
        if left:
            self._owners[owner] = left
        else:
            del self._owners[owner]
