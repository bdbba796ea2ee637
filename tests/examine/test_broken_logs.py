"""Evaluation logs that break off or never end: what comes before is shown, and the break is told."""

import json
from collections.abc import Callable, Iterator

import pytest

from workstation.core.jobs import JobControl
from workstation.core.viewing import Break, CannotShow
from workstation.examine import sample_index
from workstation.examine.reader import BytesSource
from workstation.examine.viewer import Viewer

JOB = JobControl()


@pytest.fixture
def opened() -> Iterator[Callable[[bytes, str], Viewer]]:
    """Opens viewers and closes them again."""
    made: list[Viewer] = []

    def open_one(content: bytes, kind: str) -> Viewer:
        made.append(Viewer(BytesSource(content, "x"), kind=kind))
        return made[-1]

    yield open_one
    for viewer in made:
        viewer.close()


def _long_log() -> bytes:
    """Forty samples, each a little over a quarter of a mebibyte."""
    samples = [{"id": n, "epoch": 1, "input": f"question {n}", "target": "x" * 300_000} for n in range(40)]
    return json.dumps({"version": 2, "status": "success", "eval": {}, "samples": samples}).encode()


def test_a_long_log_that_breaks_off_shows_what_came_before(opened: Callable[[bytes, str], Viewer]) -> None:
    """The samples before the break are listed and read; the break is told with them, by its place."""
    content = _long_log()
    viewer = opened(content[:-3_000_000], "inspect-json")
    found = viewer.samples(0, JOB)
    assert 0 < found.total < 40
    assert (len(found.rows), found.is_whole) == (found.total, True)
    assert found.broken == Break(
        reason_code="EVAL_TRUNCATED", untrusted_detail=f"ends at byte {len(content) - 3_000_000}"
    )
    last = found.rows[-1]
    assert viewer.sample(last.key, 0, JOB).untrusted_id == last.untrusted_id
    assert viewer.samples(found.total, JOB).broken == found.broken
    with pytest.raises(CannotShow):
        viewer.sample(str(found.total), 0, JOB)


def test_a_break_behind_the_first_stretch_is_told(opened: Callable[[bytes, str], Viewer]) -> None:
    """A log that is no JSON any more after many pages gives those pages, and names the byte."""
    samples = [{"id": n, "epoch": 1, "input": f"q {n}", "target": "x" * 9_000} for n in range(1_203)]
    content = json.dumps({"version": 2, "eval": {}, "samples": samples, "status": "success"}).encode()
    at = content.index(b'{"id": 1100,')
    viewer = opened(content[: at - 2] + b"; " + content[at:], "inspect-json")
    seen: list[str] = []
    while rows := (found := viewer.samples(len(seen), JOB)).rows:
        seen += [row.untrusted_id for row in rows]
    assert seen == [str(n) for n in range(1_100)]
    assert found.broken is not None
    assert (found.broken.reason_code, str(at - 2) in found.broken.untrusted_detail) == ("EVAL_INVALID", True)


def test_a_log_without_one_whole_sample_shows_none(opened: Callable[[bytes, str], Viewer]) -> None:
    """Where nothing comes before the break, the reason is the answer."""
    with pytest.raises(CannotShow) as caught:
        opened(b'{"version": 2, "samples": [{"id": 1, "inp', "inspect-json").samples(0, JOB)
    assert caught.value.reason_code == "EVAL_TRUNCATED"


def test_too_many_samples_are_shown_up_to_the_bound(
    opened: Callable[[bytes, str], Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a log with more samples than can be held those that are held are shown, and the bound is told."""
    monkeypatch.setattr(sample_index, "_MAX_BYTES", 500 * 8)
    samples = [{"id": n, "epoch": 1, "input": f"q {n}", "target": "x" * 9_000} for n in range(1_203)]
    content = json.dumps({"version": 2, "eval": {}, "samples": samples}).encode()
    viewer = opened(content, "inspect-json")
    assert len(viewer.samples(0, JOB).rows) == 500
    found = viewer.samples(500, JOB)
    assert (found.rows, found.is_whole) == ((), True)
    assert found.broken == Break(reason_code="EXAMINE_LIMIT", untrusted_detail="500 samples")
