"""Finish pyHanko's coroutines in a loop of their own; none of them waits for anything outside the process."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, TypeVar

_Result = TypeVar("_Result")


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of ``work``; needs no running loop and leaves none behind."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(work)
