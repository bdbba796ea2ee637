"""Fail, or end the process, at the n-th change a piece of code makes to the disk."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

CHANGING = ("write", "pwrite", "fsync", "replace", "rename", "unlink", "ftruncate", "mkdir")


class Faults:
    """Counts calls that change the disk and strikes at one of them."""

    def __init__(self, strike_at: int, strike: Callable[[str], None]) -> None:
        self.strike_at, self.strike, self.count = strike_at, strike, 0

    @contextmanager
    def active(self) -> Iterator[None]:
        """The functions of ``os`` replaced."""
        real = {name: getattr(os, name) for name in (*CHANGING, "open")}

        def wrapped(name: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                if name != "open" or args[1] & os.O_CREAT:
                    self.meet(name)
                return real[name](*args, **kwargs)

            return call

        try:
            for name in real:
                setattr(os, name, wrapped(name))
            yield
        finally:
            for name, function in real.items():
                setattr(os, name, function)

    def meet(self, name: str) -> None:
        """One more step; strikes when it is the one."""
        self.count += 1
        if self.count == self.strike_at:
            self.strike(name)

    @property
    def struck(self) -> bool:
        """Whether the work was long enough."""
        return self.count >= self.strike_at


def fail_with(code: int) -> Callable[[str], None]:
    """A strike that is an operating-system error."""

    def strike(name: str) -> None:
        raise OSError(code, os.strerror(code), name)

    return strike


def end_process(_: str) -> None:
    """A strike that nothing in the process survives."""
    os._exit(9)


FULL, BROKEN = fail_with(errno.ENOSPC), fail_with(errno.EIO)
