"""Words of files inside containers are found by their way through the containers, within bounds."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation.app import container_texts, full_texts, searching, viewing
from workstation.app.searching import Hit, HitKind
from workstation.core.full_texts import FullText, NotRead, TextState
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.values import CaseId, PackageId
from workstation.core.viewing import Place
from workstation.demo.story import Story

LONG = "An ordinary line of a long report.\n" * 20_000  # four pages of 200,000 characters


def tar_of(files: dict[str, bytes]) -> bytes:
    """A tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return made.getvalue()


def zip_of(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def submission(folder: Path) -> Path:
    """A folder with a zip in it, in which lie a text, a long text, and a compressed tar."""
    source = folder / "submission"
    source.mkdir()
    inner = gzip.compress(tar_of({"notes/deep.txt": b"It moved zeppelinward at last.\n"}), mtime=0)
    outer = {
        "first.txt": b"A short one about lighthouses.\n",
        "long.md": (LONG + "It ended quixotically.\n").encode(),
        "inner.tar.gz": inner,
        "last.txt": b"And then came the wombats.\n",
    }
    (source / "bundle.zip").write_bytes(zip_of(outer))
    (source / "plain.txt").write_text("Nothing of note.\n")
    return source


def received(folder: Path, source: Path) -> tuple[Story, CaseId]:
    """A case that received this folder."""
    story = office(folder / "office", source=source)
    story.set_up()
    case_id = story.open_case()
    story.receive(case_id)
    return story, case_id


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """The submission, received and not read yet."""
    folder = tmp_path_factory.mktemp("office")
    return received(folder, submission(folder))


def found(story: Story, text: str) -> list[Hit]:
    """The passages somebody finds who has nothing to do with the case."""
    with story.acting("osei") as session:
        hits = searching.search(session, searching.known(session, None), text)
        return [hit for hit in hits if hit.kind is HitKind.PASSAGE]


def known(story: Story, path: str) -> tuple[PackageId, FullText]:
    """How far a stored file was read."""
    with story.acting("osei") as session, session.look() as work:
        (case,) = work.cases.page(limit=1)
        package_id = PackageId(str(case.package_id))
        return package_id, work.texts.of_package(package_id)[path]


class StoppingAt(JobControl):
    """Stops when a piece of a file is begun for the n-th time."""

    def __init__(self, path: str, times: int) -> None:
        super().__init__()
        self._path, self._left = path, times
        self.seen: list[str] = []

    def tick(self, progress: Progress) -> None:
        """See above."""
        self.seen.append(progress.untrusted_detail)
        self._left -= progress.untrusted_detail == self._path
        if not self._left:
            raise JobCancelled


def test_a_job_stopped_inside_a_container_goes_on_at_that_file(told: tuple[Story, CaseId]) -> None:
    """Stopped in a nested container, the files read before are kept, and later only the rest is read."""
    story, _case_id = told
    with story.acting("osei") as session, pytest.raises(JobCancelled):
        full_texts.index(session, StoppingAt("bundle.zip!/inner.tar.gz", 1))
    _package, begun = known(story, "bundle.zip")
    assert begun.state is TextState.BEGUN
    assert begun.inside_at[0] == 1  # the long one, which was read to its last page
    assert found(story, "quixotically")
    watching = StoppingAt("nothing", 1)
    with story.acting("osei") as session:
        full_texts.index(session, watching)
    assert "bundle.zip!/first.txt" not in watching.seen
    package_id, done = known(story, "bundle.zip")
    assert (done.state, done.why, done.unread) == (TextState.WHOLE, None, 0)
    assert package_id


@pytest.mark.parametrize(
    ("word", "way"),
    [
        ("lighthouses", "bundle.zip!/first.txt"),
        ("quixotically", "bundle.zip!/long.md"),
        ("zeppelinward", "bundle.zip!/inner.tar.gz!/notes/deep.txt"),
        ("wombats", "bundle.zip!/last.txt"),
    ],
)
def test_a_word_inside_is_found_once_with_its_way(told: tuple[Story, CaseId], word: str, way: str) -> None:
    """A word in a file in a container is found once, tells its way, and its place opens that very file."""
    story, case_id = told
    (hit,) = found(story, word)
    assert (hit.case_id, hit.untrusted_path) == (case_id, "bundle.zip")
    assert way in hit.untrusted_about
    assert word in hit.untrusted_words
    place = Place.parse(hit.anchor)
    assert place is not None
    assert hit.package_id is not None
    with story.acting("osei") as session:
        document = viewing.open_document(session, hit.package_id, hit.untrusted_path)
        try:
            document.enter(place.inside, JobControl())
            assert word in document.text(place.page, JobControl())
            assert document.untrusted_path == way
        finally:
            document.close()


def test_a_container_of_too_many_files_is_said_to_be_read_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond the bound no file of a container is read, what was read before is found, and search says so."""
    source = tmp_path / "submission"
    source.mkdir()
    (source / "many.tar").write_bytes(tar_of({f"{n}.txt": f"word{n:03}\n".encode() for n in range(9)}))
    monkeypatch.setattr(container_texts, "MAX_INSIDE_FILES", 5)
    story, _case_id = received(tmp_path, source)
    with story.acting("osei") as session:
        full_texts.index(session, JobControl())
        assert full_texts.unread(session).files == {NotRead.BOUND: 1}
    assert found(story, "word004")
    assert not found(story, "word005")
    _package, full = known(story, "many.tar")
    assert (full.state, full.files_inside) == (TextState.PART, 5)


def test_what_lies_before_a_file_in_a_stream_counts_as_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compressed stream of many files is read as far as the work for it is bounded, not its size alone."""
    source = tmp_path / "submission"
    source.mkdir()
    files = {f"{n}.txt": f"word{n:03}\n".encode() * 100 for n in range(6)}
    (source / "stream.tar.gz").write_bytes(gzip.compress(tar_of(files), mtime=0))
    (source / "plain.tar").write_bytes(tar_of(files))
    monkeypatch.setattr(container_texts, "MAX_UNPACKED_BYTES", 12_500)
    story, _case_id = received(tmp_path, source)
    with story.acting("osei") as session:
        full_texts.index(session, JobControl())
    assert known(story, "plain.tar")[1].state is TextState.WHOLE
    assert known(story, "stream.tar.gz")[1].why is NotRead.BOUND


def test_a_file_inside_that_is_too_large_spoils_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member above the bound is counted as not read, and its neighbours are found."""
    source = tmp_path / "submission"
    source.mkdir()
    (source / "mixed.zip").write_bytes(
        zip_of({"a.txt": b"aardvark\n", "b.txt": b"basilisk\n" * 50, "c.txt": b"chimera\n"})
    )
    monkeypatch.setattr(container_texts, "MAX_MEMBER_BYTES", 100)
    story, _case_id = received(tmp_path, source)
    with story.acting("osei") as session:
        full_texts.index(session, JobControl())
    assert [bool(found(story, word)) for word in ("aardvark", "basilisk", "chimera")] == [True, False, True]
    _package, full = known(story, "mixed.zip")
    assert (full.state, full.why, full.unread) == (TextState.PART, NotRead.UNREADABLE, 1)


def test_a_container_in_which_something_can_act_is_not_read_again(tmp_path: Path) -> None:
    """A zip with a pickle that imports is not unpacked for the index, and every search says so."""
    source = tmp_path / "submission"
    source.mkdir()
    evil = {"a.pkl": b"cos\nsystem\n(S'ls'\ntR.", "note.txt": b"griffin\n"}
    (source / "evil.zip").write_bytes(zip_of(evil))
    story, _case_id = received(tmp_path, source)
    with story.acting("osei") as session:
        full_texts.index(session, JobControl())
        assert full_texts.unread(session).files == {NotRead.DANGEROUS: 1}
    assert not found(story, "griffin")
