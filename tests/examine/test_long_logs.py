"""Evaluation logs of many samples: gone through once, found in without the pages before, cancelled."""

import json
from collections.abc import Callable

import pytest

from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.viewing import CannotShow, SampleRow
from workstation.examine import sample_index, wire
from workstation.examine.reader import BytesSource
from workstation.examine.viewer import Viewer

JOB = JobControl()


def _long_log() -> bytes:
    """Forty samples, each a little over a quarter of a mebibyte."""
    samples = [{"id": n, "epoch": 1, "input": f"question {n}", "target": "x" * 300_000} for n in range(40)]
    return json.dumps({"version": 2, "status": "success", "eval": {}, "samples": samples}).encode()


def test_a_long_log_is_gone_through_once(opened: Callable[[bytes, str], Viewer]) -> None:
    """The first look reports how far it is; every later page and sample is read where it lies."""
    content = _long_log()
    source = _Counted(content)
    viewer = opened(content, "inspect-json")
    viewer._source = viewer._outer = source
    told: list[Progress] = []
    first = viewer.samples(0, JobControl(told.append))
    assert (first.total, len(first.rows)) == (40, 40)
    assert [row.untrusted_preview for row in first.rows] == [f"question {n}" for n in range(40)]
    assert {progress.stage for progress in told} == {"view.samples"}
    source.read_bytes = 0
    assert viewer.sample("39", 0, JOB).turns[0].untrusted_text == "question 39"
    assert viewer.samples(39, JOB).rows[0].untrusted_id == "39"
    assert source.read_bytes < len(content) // 4


def test_the_first_page_of_a_long_log_does_not_wait_for_the_rest(
    opened: Callable[[bytes, str], Viewer],
) -> None:
    """A page reads no further than it reaches; further on the number grows, and at the end it is known."""
    samples = [{"id": n, "epoch": 1, "input": f"q {n}", "target": "x" * 9_000} for n in range(2_203)]
    whole = {"version": 2, "eval": {"samples": [1, 2]}, "samples": samples, "status": "success"}
    content = json.dumps(whole, indent=1).encode()
    source = _Counted(content)
    viewer = opened(content, "inspect-json")
    viewer._source = viewer._outer = source
    found = viewer.samples(0, JOB)
    assert (found.total, found.is_whole, len(found.rows)) == (500, False, 500)
    assert source.read_bytes < len(content)
    seen, told = list(found.rows), [(found.total, found.is_whole)]
    while rows := (found := viewer.samples(len(seen), JOB)).rows:
        seen += rows
        told.append((found.total, found.is_whole))
    assert [row.untrusted_id for row in seen] == [str(n) for n in range(2_203)]
    assert told == [*((n, False) for n in (500, 1_000, 1_500, 2_000)), (2_203, True)]
    assert viewer.sample("2202", 0, JOB).turns[0].untrusted_text == "q 2202"


def test_a_late_sample_is_found_without_the_pages_before(opened: Callable[[bytes, str], Viewer]) -> None:
    """Evidence that names a sample leads there, whatever was looked at before; behind the last is none."""
    lines = b"\n".join(
        json.dumps({"doc_id": n, "doc": "x" * 9_000, "target": "A", "resps": []}).encode()
        for n in range(1_203)
    )
    viewer = opened(lines, "lm-eval-samples")
    assert viewer.sample("1202", 0, JOB).untrusted_id == "1202"
    with pytest.raises(CannotShow):
        viewer.sample("1203", 0, JOB)


def test_finding_the_samples_can_be_cancelled(opened: Callable[[bytes, str], Viewer]) -> None:
    """A person need not wait for the end of a long log."""
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        opened(_long_log(), "inspect-json").samples(0, job)


@pytest.mark.parametrize(
    "pieces", [[b"12345678"], [(5).to_bytes(8, "little"), (4).to_bytes(8, "little")], [b"1234"], []]
)
def test_an_index_is_not_believed(pieces: list[bytes]) -> None:
    """Offsets outside the log or out of order, half ones, and an index without an end are nonsense."""
    with pytest.raises(wire.Nonsense):
        sample_index.received(iter([wire.Chunk(data=piece) for piece in pieces]), 100, lambda _done: None)


def test_rows_of_other_samples_are_not_believed() -> None:
    """A page of rows that is no page, or has more or fewer rows than samples were found, is nonsense."""
    known = sample_index.Known(source=BytesSource(b""), way=())
    for page in (b"", b"{}", b'{"type": "Samples", "total": 0, "rows": []}'):
        with pytest.raises(wire.Nonsense):
            known.add((8).to_bytes(8, "little"), page)
    assert known.count == 0


def test_a_search_reads_a_long_log_once_and_the_next_not_at_all(
    opened: Callable[[bytes, str], Viewer],
) -> None:
    """Rows come with the places where samples begin, and are kept for the next search."""
    content = _long_log()
    source = _Counted(content)
    viewer = opened(content, "inspect-json")
    viewer._source = viewer._outer = source
    assert len(_all_rows(viewer)) == 40
    assert source.read_bytes < len(content) * 1.1
    read_bytes = source.read_bytes
    assert [row.untrusted_id for row in _all_rows(viewer)] == [str(n) for n in range(40)]
    assert source.read_bytes == read_bytes


def test_rows_that_are_too_many_to_keep_are_read_where_they_lie(
    opened: Callable[[bytes, str], Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of a log is the same whether its rows were kept or not; keys count through."""
    viewer = opened(_long_log(), "inspect-json")
    kept = _all_rows(viewer)
    monkeypatch.setattr(sample_index, "_KEPT_BYTES", 0)
    viewer.turn_to(viewer._source, kind="inspect-json")
    assert _all_rows(viewer) == kept
    assert [row.key for row in kept] == [str(n) for n in range(40)]


def test_a_page_with_many_scores_is_shorter(opened: Callable[[bytes, str], Viewer]) -> None:
    """Rows that would not fit into one answer come on the next page."""
    scores = {f"scorer {n} {'s' * 60}": {"value": "v" * 80} for n in range(50)}
    samples = [{"id": n, "epoch": 1, "input": "q", "target": "a", "scores": scores} for n in range(600)]
    content = json.dumps({"version": 2, "status": "success", "eval": {}, "samples": samples}).encode()
    viewer = opened(content, "inspect-json")
    assert len(viewer.samples(0, JOB).rows) < 500
    assert [row.untrusted_id for row in _all_rows(viewer)] == [str(n) for n in range(600)]


def _all_rows(viewer: Viewer) -> list[SampleRow]:
    rows: list[SampleRow] = []
    while found := viewer.samples(len(rows), JOB).rows:
        rows += found
    return rows


class _Counted:
    """A source that counts what is read of it."""

    def __init__(self, content: bytes) -> None:
        self._inner = BytesSource(content, "log.json")
        self.read_bytes = 0

    @property
    def name(self) -> str:
        """Its name."""
        return self._inner.name

    @property
    def size_bytes(self) -> int:
        """Its length."""
        return self._inner.size_bytes

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Read and count."""
        part = self._inner.read_at(offset, size_bytes)
        self.read_bytes += len(part)
        return part
