"""Cases in short: how they are kept as bytes, and as they were read last: a list reads only what is new."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
import sqlalchemy as sa

from workstation.core.summaries import CaseSummary

_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(CaseSummary)


def packed(short: CaseSummary) -> bytes:
    """As it stands in the table."""
    return _ENCODER.encode(short)


def unpacked(body: bytes) -> CaseSummary:
    """Back from the table."""
    return _DECODER.decode(body)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """Every summary as of one committed state; ``changed`` is the highest number among them."""

    changed: int = 0
    by_id: Mapping[str, CaseSummary] = field(default_factory=dict)
    in_order: Sequence[CaseSummary] = ()


class Summaries:
    """What the looking transactions of one open database have read; safe to share between threads.

    Whoever writes reads past it: what is not committed must not be seen by others.
    """

    def __init__(self) -> None:
        self._read = _Read()

    def all(self, connection: sa.Connection) -> Sequence[CaseSummary]:
        """Every case in short, by identifier; the very same sequence while none has changed."""
        read = self._read
        newest = connection.exec_driver_sql("SELECT max(changed) FROM case_summaries").scalar() or 0
        if newest == read.changed:
            return read.in_order
        if newest < read.changed:  # a transaction that began before another thread read on
            return _newer(connection, _Read(), newest).in_order
        made = _newer(connection, read, newest)
        self._read = made
        return made.in_order

    def forget(self) -> None:
        """Let go of all of it, with the key."""
        self._read = _Read()


def _newer(connection: sa.Connection, read: _Read, newest: int) -> _Read:
    """``read`` with everything written since."""
    # Of the first list every row is wanted: the table from end to end, and not by the index of what is new.
    where = f" WHERE changed > {read.changed}" if read.changed else ""
    with _uncollected():
        rows = connection.exec_driver_sql(f"SELECT body FROM case_summaries{where}").all()  # noqa: S608 - a number
        new = [_DECODER.decode(body) for (body,) in rows]
    by_id: dict[str, CaseSummary] = {**read.by_id, **{short.case_id: short for short in new}}
    return _Read(changed=newest, by_id=by_id, in_order=tuple(by_id[case_id] for case_id in sorted(by_id)))


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: thousands of new tuples start one through everything the program holds,
    which takes longer than the list, and there is none among them.
    """
    was_enabled = gc.isenabled()  # by whoever comes first of two threads; nobody leaves it off
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
