"""Pages of samples and transcripts for the log browser."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.evaluations import logs
from workstation.examine.evaluations import samples
from workstation.examine.reader import BytesSource, Unreadable

LOGS = [logs.json_log(5), logs.zip_log(logs.members(5)), logs.zstd_log(logs.members(5))]


@pytest.mark.parametrize("content", LOGS)
def test_pages_cover_the_log_once(content: bytes) -> None:
    """Pages of two give every sample once, in order, with its scores."""
    source = BytesSource(content)
    rows = [row for start in range(0, 6, 2) for row in samples.list_samples(source, start, 2).rows]
    assert [row.untrusted_id for row in rows] == ["0", "1", "2", "3", "4"]
    assert samples.list_samples(source, 0, 2).total == 5
    assert rows[0].scores == (("match", "C"),)
    assert rows[0].preview == "Question 0"


@pytest.mark.parametrize("content", LOGS)
def test_a_transcript_is_plain_text(content: bytes) -> None:
    """A transcript holds roles, texts and tool calls as typed."""
    source = BytesSource(content)
    key = samples.list_samples(source, 3, 1).rows[0].key
    transcript = samples.read_sample(source, key)
    assert [turn.role for turn in transcript.turns] == ["system", "user", "assistant", "tool call"]
    assert transcript.turns[1].text == "Question 3\n[image]"
    assert transcript.turns[2].text == "<b>bold</b>"
    assert "bash" in transcript.turns[3].text
    assert (transcript.target, transcript.error, transcript.cut) == ("A", "", False)


def test_lines_of_the_harness_are_samples() -> None:
    """Sample files of the harness are paged and read like logs."""
    lines = [
        json.dumps({"doc_id": n, "doc": {"q": n}, "target": "A", "arguments": [["ask"]], "resps": [["B"]]})
        for n in range(4)
    ]
    source = BytesSource("\n".join(lines).encode())
    page = samples.list_samples(source, 2, 10)
    assert (page.total, [row.untrusted_id for row in page.rows]) == (4, ["2", "3"])
    assert [turn.role for turn in samples.read_sample(source, "3").turns] == ["user", "assistant"]


def test_a_killed_run_is_listed_from_its_samples() -> None:
    """Without summaries the rows come from the samples themselves."""
    content = {name: body for name, body in logs.members(3).items() if name.startswith("samples/")}
    page = samples.list_samples(BytesSource(logs.zip_log(content)), 0, 10)
    assert [row.untrusted_id for row in page.rows] == ["0", "1", "2"]
    assert page.rows[0].scores == (("match", "C"),)


def test_an_index_finds_the_same_samples() -> None:
    """With an index, pages and transcripts are those of a full pass, and little of the log is read."""

    class Counted(BytesSource):
        read_bytes = 0

        def read_at(self, offset: int, size_bytes: int) -> bytes:
            part = super().read_at(offset, size_bytes)
            self.read_bytes += len(part)
            return part

    lines = b"\n".join(
        json.dumps({"doc_id": n, "doc": n, "target": "A", "resps": []}).encode() for n in range(9)
    )
    pretty = json.dumps({**logs.header(), "samples": [logs.sample(n) for n in range(9)]}, indent=2).encode()
    for content in (lines, logs.json_log(9), pretty):
        source = Counted(content)
        index = samples.index_samples(source)
        assert len(index) == 9
        for start in (0, 7, 20):
            assert samples.list_samples(source, start, 3, index) == samples.list_samples(source, start, 3)
        assert samples.read_sample(source, "8", index) == samples.read_sample(source, "8")
        with pytest.raises(Unreadable, match="EVAL_NO_SUCH_SAMPLE"):
            samples.read_sample(source, "9", index)
        source.read_bytes = 0
        samples.read_sample(source, "8", index)
        assert source.read_bytes <= len(content) - index[8] + 2


@pytest.mark.parametrize("key", ["", "samples/none.json", "header.json", "../x", "99", "²", "1" * 50])
def test_a_key_of_no_sample_is_refused(key: str) -> None:
    """Keys that name no sample are refused, whatever they look like."""
    for content in LOGS:
        with pytest.raises(Unreadable, match="EVAL_NO_SUCH_SAMPLE"):
            samples.read_sample(BytesSource(content), key)


def test_a_long_transcript_is_cut_and_says_so() -> None:
    """Turns and texts are bounded, and the transcript tells that something is missing."""
    long = logs.sample(0, messages=[{"role": "user", "content": "x" * 200_000}] * 60)
    content = json.dumps({**logs.header(), "samples": [long]}).encode()
    transcript = samples.read_sample(BytesSource(content), "0")
    assert transcript.cut
    assert sum(len(turn.text) for turn in transcript.turns) <= samples.MAX_TRANSCRIPT_CHARS


def test_attachments_are_put_in_place() -> None:
    """A text kept aside is shown where it belongs."""
    row = logs.sample(
        0, messages=[{"role": "user", "content": "attachment://ab"}], attachments={"ab": "the whole text"}
    )
    content = json.dumps({**logs.header(), "samples": [row]}).encode()
    assert samples.read_sample(BytesSource(content), "0").turns[0].text == "the whole text"


@given(st.data())
def test_damaged_logs_raise_only_unreadable(data: st.DataObject) -> None:
    """Listing and reading a damaged log gives rows or ``Unreadable``."""
    damaged = bytearray(data.draw(st.sampled_from(LOGS)))
    for _change in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + 2] = data.draw(st.binary(min_size=1, max_size=3))
    source = BytesSource(bytes(damaged))
    try:
        for row in samples.list_samples(source, 0, 10).rows:
            samples.read_sample(source, row.key)
    except Unreadable:
        return


@pytest.mark.parametrize("whole", [0, 1, 3])
def test_a_log_that_breaks_off_lists_the_samples_before(whole: int) -> None:
    """A JSON log cut inside a sample gives those before it, and where it ends."""
    content = logs.json_log(5)
    cut = content[: content.index(f'{{"id": {whole},'.encode()) + 40]
    if not whole:
        with pytest.raises(Unreadable):
            samples.list_samples(BytesSource(cut), 0, 10)
        return
    page = samples.list_samples(BytesSource(cut), 0, 10)
    assert [row.untrusted_id for row in page.rows] == [str(n) for n in range(whole)]
    assert page.broken is not None
    assert (page.broken.code, page.broken.detail) == ("EVAL_TRUNCATED", f"ends at byte {len(cut)}")


@pytest.mark.parametrize("make", [logs.zip_log, logs.zstd_log])
def test_a_zipped_log_without_its_end_lists_the_samples_before(make: Callable[..., bytes]) -> None:
    """Of an archive cut inside a member the whole members are listed and read, and the break is told."""
    content = make(logs.members(5))
    cut = content[: content.index(b"samples/3_epoch_1.json") + 30]
    page = samples.list_samples(BytesSource(cut), 0, 10)
    assert [row.untrusted_id for row in page.rows] == ["0", "1", "2"]
    assert page.broken is not None
    assert page.broken.code == "EVAL_TRUNCATED"
    assert samples.read_sample(BytesSource(cut), page.rows[2].key).turns[1].text == "Question 2\n[image]"
    with pytest.raises(Unreadable):
        samples.list_samples(BytesSource(content[:40]), 0, 10)
