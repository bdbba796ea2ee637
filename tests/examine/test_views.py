"""A document is shown from behind the walls, and what a worker claims to show is not believed."""

import io
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.examine.lying_views import LIES
from tests.helpers import documents_package
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.viewing import BYTES_A_PAGE, MAX_PICTURE_PIXELS, MAX_TEXT_CHARS, CannotShow
from workstation.examine import sandbox as module
from workstation.examine import wire
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
