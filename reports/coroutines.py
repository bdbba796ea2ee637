"""Finish pyHanko's coroutines in a loop of their own; none of them waits for anything outside the process."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, TypeVar

# What it finds reaches us as values; its log would repeat parts of files and that it may not fetch.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

_Result = TypeVar("_Result")


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of ``work``; needs no running loop and leaves none behind."""
    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(work)
