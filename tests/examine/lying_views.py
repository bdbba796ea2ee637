"""What a taken-over worker might answer when asked to show something; loaded into workers by tests alone."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from workstation.examine import wire
from workstation.examine.reader import Folder, Source

Send = Callable[[msgspec.Struct], None]


def run(job: wire.Job, source: Source, folder: Folder | None, send: Send) -> None:
    """Tell the lie that the job is called after."""
    LIES[job.task](send)


def _say(send: Send, kind: str, **fields: Any) -> None:
    send(wire.Chunk(data=msgspec.json.encode({"type": kind, **fields})))


def _picture(send: Send, width_px: int, height_px: int, size_bytes: int) -> None:
    head = {"type": "Head", "width_px": width_px, "height_px": height_px}
    send(wire.Answer(json=msgspec.json.encode(head)))
    while size_bytes > 0:
        send(wire.Chunk(data=bytes(min(size_bytes, wire.MAX_READ_BYTES))))
        size_bytes -= wire.MAX_READ_BYTES


def _head_twice(send: Send) -> None:
    _picture(send, 10, 10, 0)
    _picture(send, 10, 10, 300)


def _stall(send: Send) -> None:
    _picture(send, 10, 10, 100)
    time.sleep(60)


def _flood(send: Send) -> None:
    while True:
        send(wire.Chunk(data=bytes(wire.MAX_READ_BYTES)))


def _tensor(number: int, size_bytes: int = 1) -> dict[str, Any]:
    return {
        "number": number,
        "name": "x",
        "dtype": "F16",
        "shape": "1",
        "offset": 0,
        "size_bytes": size_bytes,
    }


def _member(number: int, size_bytes: int = 1) -> dict[str, Any]:
    return {"number": number, "name": "x", "size_bytes": size_bytes}


LIES: dict[str, Callable[[Send], None]] = {
    # pictures
    "picture-short": lambda send: _picture(send, 10, 10, 299),
    "picture-long": lambda send: _picture(send, 10, 10, 301),
    "picture-none": lambda send: _picture(send, 10, 10, 0),
    "picture-of-nothing": lambda send: _picture(send, 0, 10, 0),
    "picture-negative": lambda send: _picture(send, -10, -10, 300),
    "picture-too-wide": lambda send: _picture(send, 4_097, 1, 4_097 * 3),
    "picture-too-large": lambda send: _picture(send, 4_096, 8_192, 1),
    "picture-without-head": lambda send: send(wire.Chunk(data=bytes(300))),
    "picture-head-twice": _head_twice,
    "picture-stalls": _stall,
    "picture-flood": _flood,
    # text
    "text-long": lambda send: _say(send, "PlainText", text="x" * 200_001),
    "text-flood": _flood,
    "text-number": lambda send: _say(send, "PlainText", text=7),
    "text-field-more": lambda send: _say(send, "PlainText", text="x", html="<b>x</b>"),
    "text-no-json": lambda send: send(wire.Chunk(data=b"\xff\xfe not json")),
    "text-nothing": lambda _send: None,
    "text-surrogate": lambda send: send(wire.Chunk(data=b'{"type":"PlainText","text":"\\ud800"}')),
    "text-as-file": lambda send: send(
        wire.File(path="", size_bytes=1, kind="pdf", coverage="nothing-found", findings=[], facts=b"{}")
    ),
    "text-bad-code": lambda send: _say(send, "NotShown", code="<b>", detail=""),
    # counts
    "count-negative": lambda send: _say(send, "PageCount", pages=-1),
    "count-none": lambda send: _say(send, "PageCount", pages=0),
    "count-huge": lambda send: _say(send, "PageCount", pages=1 << 40),
    "count-other-shape": lambda send: _say(send, "PlainText", text="12"),
    # places found
    "hits-elsewhere": lambda send: _say(
        send, "Hits", hits=[{"page": 99, "excerpt": "x"}], unread=[], cut=False
    ),
    "hits-negative": lambda send: _say(
        send, "Hits", hits=[{"page": -1, "excerpt": "x"}], unread=[], cut=False
    ),
    "hits-unread-elsewhere": lambda send: _say(send, "Hits", hits=[], unread=[77], cut=False),
    "hits-many": lambda send: _say(
        send, "Hits", hits=[{"page": 0, "excerpt": "x"}] * 1_001, unread=[], cut=False
    ),
    # tables
    "tensors-backwards": lambda send: _say(send, "Tensors", rows=[_tensor(1), _tensor(0)], next_start=None),
    "tensors-negative": lambda send: _say(send, "Tensors", rows=[_tensor(0, -1)], next_start=None),
    "tensors-endless": lambda send: _say(send, "Tensors", rows=[_tensor(0)], next_start=0),
    "tensors-many": lambda send: _say(
        send, "Tensors", rows=[_tensor(number) for number in range(501)], next_start=None
    ),
    "members-backwards": lambda send: _say(
        send, "Members", rows=[_member(1), _member(0)], next_start=None, total=2
    ),
    "members-negative": lambda send: _say(send, "Members", rows=[_member(0, -1)], next_start=None, total=1),
    "members-endless": lambda send: _say(send, "Members", rows=[_member(0)], next_start=0, total=1),
    "members-many": lambda send: _say(
        send, "Members", rows=[_member(number) for number in range(501)], next_start=None, total=501
    ),
    "inner-negative": lambda send: _say(send, "Inner", kind="pdf", size_bytes=-1),
    "inner-strange": lambda send: _say(send, "Inner", kind="<b>", size_bytes=1),
    "inner-flood": _flood,
    "samples-negative": lambda send: _say(send, "Samples", total=-1, rows=[]),
    "transcript-endless": lambda send: _say(
        send, "Transcript", id="x", target="", error="", turns=[], next_turn=7, cut=False
    ),
    "sleep": lambda _send: time.sleep(60),
}
