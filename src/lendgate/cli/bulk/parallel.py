"""Many at a time, in the order they came: a window over an executor."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from typing import TypeVar

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def in_order(
    executor: Executor, make: Callable[[_Given], _Made], given: Iterable[_Given], ahead: int
) -> Iterator[_Made]:
    """What ``make`` makes of each, in order; at most ``ahead`` are taken before they are asked for."""
    waiting: deque[Future[_Made]] = deque()
    source = iter(given)
    for item in islice(source, ahead):
        waiting.append(executor.submit(make, item))
    while waiting:
        yield waiting.popleft().result()
        for item in islice(source, 1):
            waiting.append(executor.submit(make, item))


def chunks(given: Iterable[_Given], size: int) -> Iterator[list[_Given]]:
    """The same in lists of ``size``, the last one shorter."""
    source = iter(given)
    while chunk := list(islice(source, size)):
        yield chunk
