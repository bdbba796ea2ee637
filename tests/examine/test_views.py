"""A document is shown from behind the walls, and what a worker claims to show is not believed."""

import io
import json
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.examine.lying_views import LIES
from tests.helpers import documents_package
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.viewing import BYTES_A_PAGE, MAX_PICTURE_PIXELS, MAX_TEXT_CHARS, CannotShow, SampleRow
from workstation.examine import sample_index, wire
from workstation.examine import sandbox as module
from workstation.examine.reader import BytesSource
from workstation.examine.sandbox import Sandbox
from workstation.examine.viewer import Viewer

LYING = Path(__file__).with_name("lying_views.py")
WALLS = {"landlock", "seccomp", "rlimits", "no-network"}
JOB = JobControl()
Look = Callable[[Viewer], object]
LOOKS: dict[str, Look] = {
    "picture": lambda viewer: viewer.page(0, 100, JOB),
    "text": lambda viewer: viewer.text(0, JOB),
    "count": lambda viewer: viewer.page_count(JOB),
    "hits": lambda viewer: viewer.find("x", 0, 5, JOB),
    "tensors": lambda viewer: viewer.tensors(0, "", JOB),
    "samples": lambda viewer: viewer.samples(0, JOB),
    "transcript": lambda viewer: viewer.sample("0", 0, JOB),
    "members": lambda viewer: viewer.members(0, "", JOB),
    "inner": lambda viewer: viewer.enter(("x",), JOB),
}


class LyingViewer(Viewer):
    """Asks its worker for a lie instead, for as long as one is set."""

    lie = ""

    def _messages(
        self, task: str, view: wire.View, job: JobControl
    ) -> Generator[wire.FromWorker, None, None]:
        yield from super()._messages(self.lie or task, view, job)


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


@pytest.fixture
def lying() -> Iterator[LyingViewer]:
    """A viewer of a picture whose worker knows how to lie."""
    viewer = LyingViewer(
        BytesSource(documents_package.png()), kind="png", sandbox=Sandbox(test_tasks=(LYING,))
    )
    yield viewer
    viewer.close()


@pytest.mark.parametrize("lie", [name for name in LIES if name not in {"sleep", "picture-stalls"}])
def test_a_lie_is_shown_as_inconclusive(lying: LyingViewer, lie: str) -> None:
    """Wrong lengths, counts below zero, oversize text and strange shapes are refused; the next look works."""
    lying.lie = lie
    with pytest.raises(CannotShow) as caught:
        LOOKS[lie.split("-", maxsplit=1)[0]](lying)
    assert caught.value.reason_code == "EXAMINE_CRASHED"
    lying.lie = ""
    assert lying.page(0, 100, JOB).width_px == 100


@pytest.mark.parametrize("lie", ["sleep", "picture-stalls"])
def test_a_look_that_hangs_is_ended(lying: LyingViewer, monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    """A worker that never answers is ended after its time and named so."""
    monkeypatch.setattr(module, "_BASE_S", 1.0)
    lying.lie = lie
    with pytest.raises(CannotShow) as caught:
        lying.page(0, 100, JOB)
    assert caught.value.reason_code == "EXAMINE_TIMEOUT"


@pytest.mark.parametrize("bubblewrap", [True, False])
def test_documents_are_shown_from_behind_the_walls(
    opened: Callable[[bytes, str], Viewer], monkeypatch: pytest.MonkeyPatch, *, bubblewrap: bool
) -> None:
    """Drawing a page of a PDF happens under the same walls as its examination, and they are named."""
    if not bubblewrap:
        monkeypatch.setattr(module.bubblewrap, "command", lambda: None)
    viewer = opened(documents_package.pdf(3), "pdf")
    picture = viewer.page(2, 400, JOB)
    assert len(picture.rgb) == picture.width_px * picture.height_px * 3
    assert set(viewer.isolation) >= WALLS
    assert bubblewrap or "bubblewrap" not in viewer.isolation


def test_a_page_shows_what_was_drawn_on_it(opened: Callable[[bytes, str], Viewer]) -> None:
    """The pixels are the page's: its writing is dark on white, and another page differs."""
    viewer = opened(documents_package.pdf(4), "pdf")
    third, fourth = (viewer.page(number, 600, JOB) for number in (2, 3))
    image = Image.frombytes("RGB", (third.width_px, third.height_px), third.rgb)
    assert image.getpixel((2, 2)) == (255, 255, 255)
    assert min(image.convert("L").tobytes()) < 40
    assert third.rgb != fourth.rgb


def test_a_page_is_never_more_than_sixteen_million_pixels(opened: Callable[[bytes, str], Viewer]) -> None:
    """However wide it is asked for, a page keeps the ceiling."""
    picture = opened(documents_package.pdf(1), "pdf").page(0, 1 << 30, JOB)
    assert picture.width_px * picture.height_px <= MAX_PICTURE_PIXELS


def test_text_is_found_over_all_pages(opened: Callable[[bytes, str], Viewer]) -> None:
    """A phrase is found on its page whatever its case and spacing; a phrase that is nowhere is not."""
    viewer = opened(documents_package.pdf(12), "pdf")
    assert viewer.page_count(JOB) == 12
    (hit,) = viewer.find("MEASURED   range", 0, 12, JOB).hits
    assert hit.page == 2
    assert "measured range completion" in hit.untrusted_excerpt
    assert viewer.find("no such words", 0, 12, JOB).hits == ()


def test_search_text_is_no_pattern(opened: Callable[[bytes, str], Viewer]) -> None:
    """What looks like a pattern is looked for as typed."""
    viewer = opened(b"one.*two\n(a+)+$ three\n", "text")
    assert len(viewer.find("(a+)+$", 0, 1, JOB).hits) == 1
    assert viewer.find("one..two", 0, 1, JOB).hits == ()


def test_hidden_characters_are_written_out(opened: Callable[[bytes, str], Viewer]) -> None:
    """Text arrives with bidirectional, control and zero-width characters spelled, and markup as typed."""
    text = opened("a\u202eb\u200bc\x1b[31m <b>x</b>".encode(), "markdown").text(0, JOB)
    assert not set(text) & {"\u202e", "\u200b", "\x1b"}
    assert "<b>x</b>" in text


def test_a_page_of_text_is_bounded(opened: Callable[[bytes, str], Viewer]) -> None:
    """A file without a line end is shown in pages, none longer than the bound."""
    viewer = opened("\u202e".encode() * 100_000, "text")
    assert viewer.page_count(JOB) > 1
    assert len(viewer.text(0, JOB)) <= MAX_TEXT_CHARS


def test_what_cannot_be_drawn_says_why(opened: Callable[[bytes, str], Viewer]) -> None:
    """A broken PDF, a page that is not there and a text asked for pixels each give their reason."""
    with pytest.raises(CannotShow) as broken:
        opened(b"%PDF-1.7 nothing", "pdf").page(0, 100, JOB)
    with pytest.raises(CannotShow) as absent:
        opened(documents_package.pdf(1), "pdf").page(7, 100, JOB)
    with pytest.raises(CannotShow) as pixels:
        opened(b"text", "text").page(0, 100, JOB)
    reasons = [caught.value.reason_code for caught in (broken, absent, pixels)]
    assert reasons == ["VIEW_FAILED", "VIEW_NO_PAGE", "VIEW_NO_PIXELS"]


def test_tensors_are_read_in_stretches(opened: Callable[[bytes, str], Viewer]) -> None:
    """The table is read five hundred rows at a time to its end, and filtered by name from the first row."""
    viewer = opened(documents_package.safetensors(700), "safetensors")
    first = viewer.tensors(0, "", JOB)
    assert first.next_start is not None
    rest = viewer.tensors(first.next_start, "", JOB)
    assert [row.number for row in (*first.rows, *rest.rows)] == list(range(700))
    assert rest.next_start is None
    (found,) = viewer.tensors(0, "LAYERS.650.", JOB).rows
    assert found.untrusted_name == "model.layers.650.weight"


def test_samples_and_transcripts_are_plain_text(opened: Callable[[bytes, str], Viewer]) -> None:
    """A log's samples are listed with scores; a transcript keeps markup as typed and spells what hides."""
    viewer = opened(documents_package.evaluation(30), "inspect-eval")
    found = viewer.samples(0, JOB)
    assert (found.total, len(found.rows)) == (30, 30)
    row = next(row for row in found.rows if row.untrusted_id == "range-1")
    assert row.scores == (("match", "C"),)
    transcript = viewer.sample(row.key, 0, JOB)
    said = transcript.turns[1].untrusted_text
    assert documents_package.MARKUP in said
    assert documents_package.BIDI not in said
    with pytest.raises(CannotShow):
        viewer.sample("samples/none.json", 0, JOB)


def test_a_long_transcript_comes_in_stretches(opened: Callable[[bytes, str], Viewer]) -> None:
    """Turns that do not fit into one answer follow in the next, none lost and none twice."""
    target = io.BytesIO()
    turns = [{"role": "user", "content": f"{number} " + "x" * 60_000} for number in range(9)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as log:
        log.writestr(
            "samples/1_epoch_1.json", f'{{"id": 1, "epoch": 1, "messages": {turns}}}'.replace("'", '"')
        )
        log.writestr("header.json", '{"version": 2, "status": "success", "eval": {}}')
    viewer = opened(target.getvalue(), "inspect-eval")
    numbers: list[int] = []
    start: int | None = 0
    while start is not None:
        part = viewer.sample("samples/1_epoch_1.json", start, JOB)
        numbers += [turn.number for turn in part.turns]
        start = part.next_turn
    assert numbers == list(range(1, 10))


def test_bytes_are_shown_as_a_table(opened: Callable[[bytes, str], Viewer]) -> None:
    """Offsets, digits and characters of a stretch; past the end there is nothing."""
    viewer = opened(bytes(range(256)) * 32, "unknown")
    first, *_rest = lines = viewer.bytes_at(BYTES_A_PAGE, JOB).splitlines()
    assert len(lines) == BYTES_A_PAGE // 16
    assert first.split()[:3] == [str(BYTES_A_PAGE), "00", "01"]
    assert viewer.bytes_at(1 << 40, JOB) == ""


def test_the_worker_outlives_the_thread_that_asked_first(opened: Callable[[bytes, str], Viewer]) -> None:
    """A look from a thread that ends does not take the worker along: the next look needs no new one."""
    viewer = opened(documents_package.pdf(2), "pdf")
    thread = threading.Thread(target=lambda: viewer.page_count(JOB))
    thread.start()
    thread.join()
    process = viewer._sandbox._process
    viewer.page(1, 100, JOB)
    assert viewer._sandbox._process is process


def test_closing_ends_the_worker(opened: Callable[[bytes, str], Viewer]) -> None:
    """After closing no process is left, a second closing is no error, and no look begins any more."""
    viewer = opened(b"text", "text")
    viewer.text(0, JOB)
    viewer.close()
    viewer.close()
    assert viewer._sandbox._process is None
    with pytest.raises(JobCancelled):
        viewer.text(0, JOB)


def test_closing_stops_a_look_under_way(lying: LyingViewer) -> None:
    """A document can be closed while its worker hangs; the look ends as cancelled."""
    lying.lie = "sleep"
    ended: list[BaseException] = []

    def look() -> None:
        try:
            lying.page(0, 100, JOB)
        except BaseException as error:  # noqa: BLE001 - the test wants to see what ended it
            ended.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    while lying._sandbox._process is None:
        threading.Event().wait(0.01)
    lying.close()
    thread.join()
    assert isinstance(ended[0], JobCancelled)


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
