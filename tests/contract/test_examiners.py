"""What every examination room promises: all is handed out, nothing is raised for bytes, no look goes on."""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers import documents_package
from tests.helpers.archives import plain_zip
from tests.helpers.bags import bag
from tests.helpers.memory_examiners import MemoryExaminers
from workstation.core.examination import Coverage, Examination, Outcome, Severity, outcome_of
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.service_ports import Examiners, Viewer
from workstation.core.viewing import BYTES_A_PAGE, MAX_ROWS, MAX_TEXT_CHARS, CannotShow
from workstation.examine import package
from workstation.examine.package import NotExaminable
from workstation.examine.reader import BytesSource

FILES = {"card.md": b"# Card\n", "empty.bin": b"", "logs/run.txt": b"line\n" * 300_000}
JOB = JobControl()
RUNS_A_COMMAND = b"cos\nsystem\n(S'true'\ntR."


class NoSiblings:
    """A file that came alone."""

    def paths(self) -> Iterator[str]:
        """None."""
        return iter(())

    def size_of(self, path: str) -> int | None:
        """None."""
        return None

    def open(self, path: str) -> BytesSource | None:
        """None."""
        return None


@pytest.fixture(params=[lambda: package, MemoryExaminers], ids=["sandbox", "memory"])
def room(request: pytest.FixtureRequest) -> Examiners:
    """Both."""
    made: Examiners = request.param()
    return made


@pytest.fixture
def look_at(room: Examiners) -> Iterator[Callable[[bytes, str], Viewer]]:
    """Opens viewers and closes them again."""
    made: list[Viewer] = []

    def open_one(content: bytes, kind: str) -> Viewer:
        made.append(room.open_viewer(BytesSource(content, "x"), kind=kind))
        return made[-1]

    yield open_one
    for viewer in made:
        viewer.close()


def written(root: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def in_form(folder: Path, form: str, files: dict[str, bytes]) -> Path:
    """The files as a folder, zip or tar."""
    path = folder / f"package.{form}"
    if form == "folder":
        return written(path, files)
    if form == "zip":
        path.write_bytes(plain_zip(files))
        return path
    content = written(folder / "content", files)
    with tarfile.open(path, "w") as archive:
        for name in files:
            archive.add(content / name, arcname=name)
    return path


def examined(room: Examiners, content: bytes, name: str) -> Examination:
    """One file by itself."""
    with room.open_examiner(JOB) as examiner:
        return examiner.examine(BytesSource(content, name), name=name, folder=NoSiblings())


# --- packages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["folder", "zip", "tar"])
def test_every_file_is_handed_out(room: Examiners, tmp_path: Path, form: str) -> None:
    """Whatever carried them, every file comes by its path with its size and all of its bytes."""
    with room.open_package(in_form(tmp_path, form, FILES), JOB) as opened:
        assert (opened.kind, opened.examination.outcome) == (form, Outcome.ACCEPT)
        found = {member.path: (member.size_bytes, b"".join(member.chunks)) for member in opened.members()}
        assert (list(opened.skipped), dict(opened.manifests)) == ([], {})
    assert found == {path: (len(content), content) for path, content in FILES.items()}


@pytest.mark.parametrize("form", ["folder", "zip", "tar"])
def test_a_container_is_given_as_it_lies_there(room: Examiners, tmp_path: Path, form: str) -> None:
    """A package that is one file is given byte for byte; a folder is no file."""
    path = in_form(tmp_path, form, {"a.txt": b"a"})
    with room.open_package(path, JOB) as opened:
        whole = opened.whole()
        assert (whole and b"".join(whole)) == (None if form == "folder" else path.read_bytes())


def test_a_single_file_is_a_package_of_one(room: Examiners, tmp_path: Path) -> None:
    """A file that is no container is handed out under its own name."""
    path = written(tmp_path, {"card.md": b"# Card"}) / "card.md"
    with room.open_package(path, JOB) as opened:
        found = [(member.path, member.size_bytes, b"".join(member.chunks)) for member in opened.members()]
        assert (opened.kind, found) == ("file", [("card.md", 6, b"# Card")])


def test_a_bag_brings_what_it_says_of_its_files(room: Examiners, tmp_path: Path) -> None:
    """The digests of a bag's manifest come by path and algorithm, and where its payload lies."""
    files = bag({"a.txt": b"hello", "b/c.txt": b"x"})
    with room.open_package(in_form(tmp_path, "folder", files), JOB) as opened:
        assert (opened.kind, opened.payload_prefix) == ("bag", "data/")
        assert set(opened.manifests) >= {"data/a.txt", "data/b/c.txt"}
        assert opened.manifests["data/a.txt"]["sha256"].startswith("2cf24dba")
        assert {member.path for member in opened.members()} == set(files)


def test_a_container_that_escapes_hands_out_nothing(room: Examiners, tmp_path: Path) -> None:
    """An archive with a climbing name is rejected, has no members, and is still given whole."""
    path = in_form(tmp_path, "zip", {"../../escaped.txt": b"x", "fine.txt": b"x"})
    with room.open_package(path, JOB) as opened:
        assert opened.examination.outcome is Outcome.REJECT
        assert any(finding.severity is Severity.DANGER for finding in opened.examination.findings)
        assert list(opened.members()) == []
        whole = opened.whole()
        assert whole is not None
        assert b"".join(whole) == path.read_bytes()


def test_members_may_be_left_unread(room: Examiners, tmp_path: Path) -> None:
    """Whoever wants only some files passes the others by."""
    with room.open_package(in_form(tmp_path, "tar", FILES), JOB) as opened:
        assert [member.path for member in opened.members()] == list(FILES)


def test_what_is_no_package_is_refused(room: Examiners, tmp_path: Path) -> None:
    """Nothing at the path, and a link to something, are refused by the path."""
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("missing", "link"):
        with pytest.raises(NotExaminable) as caught, room.open_package(tmp_path / name, JOB):
            pass
        assert caught.value.path == str(tmp_path / name)


def test_opening_can_be_cancelled(room: Examiners, tmp_path: Path) -> None:
    """A job that was asked to stop opens nothing."""
    job = JobControl()
    job.cancel()
    with (
        pytest.raises(JobCancelled),
        room.open_package(in_form(tmp_path, "zip", FILES), job) as opened,
    ):
        list(opened.members())


# --- files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "coverage", "outcome"),
    [
        (b"# Card\n", "card.md", Coverage.NOTHING_FOUND, Outcome.ACCEPT),
        (bytes(range(256)) * 9, "weights.xyz", Coverage.INCONCLUSIVE, Outcome.ACCEPT),
        (RUNS_A_COMMAND, "model.pkl", Coverage.DANGEROUS, Outcome.REJECT),
    ],
    ids=["text", "unknown", "dangerous"],
)
def test_a_file_gets_one_word_and_the_heaviest_finding_decides(
    room: Examiners, content: bytes, name: str, coverage: Coverage, outcome: Outcome
) -> None:
    """What was read, what nobody can read and what would run code are three different words."""
    found = examined(room, content, f"folder/{name}")
    assert (found.outcome, found.files[-1].coverage) == (outcome, coverage)
    assert outcome_of(found.findings) is outcome
    assert (found.files[-1].path, found.files[-1].size_bytes) == (f"folder/{name}", len(content))
    assert all(finding.path.startswith("folder/") for finding in found.findings)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 5_000, b"%PDF-1.7 x", b"PK\x03\x04", b"\x80\x04", b"{" * 999]
)
def test_nothing_is_raised_for_what_bytes_contain(room: Examiners, content: bytes) -> None:
    """Broken, empty and nested bytes are answered; one file's bytes do not spoil the next."""
    with room.open_examiner(JOB) as examiner:
        for name in ("first", "second"):
            found = examiner.examine(BytesSource(content, name), name=name, folder=NoSiblings())
            assert found.files[-1].path == name


def test_small_files_are_answered_as_if_alone(room: Examiners) -> None:
    """Several small files get, in their order, what each gets by itself."""
    contents = {
        "a/card.md": b"# Card\n",
        "b/w.xyz": bytes(range(256)),
        "model.pkl": RUNS_A_COMMAND,
        "c.txt": b"c",
    }
    with room.open_examiner(JOB) as examiner:
        files = [(name, BytesSource(content, name)) for name, content in contents.items()]
        found = list(examiner.examine_small(files, folder=NoSiblings()))
    assert found == [examined(room, content, name) for name, content in contents.items()]


def test_an_examination_can_be_cancelled(room: Examiners) -> None:
    """A job that was asked to stop ends the next examination."""
    job = JobControl()
    with room.open_examiner(job) as examiner:
        job.cancel()
        with pytest.raises(JobCancelled):
            examiner.examine(BytesSource(b"x", "x"), name="x", folder=NoSiblings())


# --- looking ---------------------------------------------------------------------------------------


def test_text_is_shown_in_bounded_pages(look_at: Callable[[bytes, str], Viewer]) -> None:
    """A long text has pages, each within the bound, and all of it is on them."""
    viewer = look_at(b"word word\n" * 60_000, "text")
    count = viewer.page_count(JOB)
    pages = [viewer.text(number, JOB) for number in range(count)]
    assert count > 1
    assert max(map(len, pages)) <= MAX_TEXT_CHARS
    assert sum(page.count("word") for page in pages) >= 120_000 - count


def test_an_empty_text_has_one_page(look_at: Callable[[bytes, str], Viewer]) -> None:
    """There is always a page to show."""
    assert look_at(b"", "text").page_count(JOB) == 1


def test_what_hides_is_written_out(look_at: Callable[[bytes, str], Viewer]) -> None:
    """Control and bidirectional characters never arrive as themselves, and markup stays as typed."""
    text = look_at("a\u202eb\u200bc\x1b[31m <b>x</b>".encode(), "markdown").text(0, JOB)
    assert not set(text) & {"\u202e", "\u200b", "\x1b"}
    assert "<b>x</b>" in text


def test_text_is_found_and_is_no_pattern(look_at: Callable[[bytes, str], Viewer]) -> None:
    """Hits name their page and an excerpt; case does not count; nothing else is a pattern."""
    viewer = look_at(b"Some Words here\n", "text")
    (hit,) = viewer.find("some words", 0, 1, JOB).hits
    assert (hit.page, "Words" in hit.untrusted_excerpt) == (0, True)
    assert viewer.find("S.me", 0, 1, JOB).hits == ()
    assert viewer.find("", 0, 1, JOB).hits == ()


def test_a_picture_is_exactly_its_pixels(look_at: Callable[[bytes, str], Viewer]) -> None:
    """Pixels come as three bytes each, as many as width and height say."""
    picture = look_at(documents_package.png(), "png").page(0, 64, JOB)
    assert picture.width_px == 64
    assert len(picture.rgb) == picture.width_px * picture.height_px * 3


def test_bytes_are_a_table(look_at: Callable[[bytes, str], Viewer]) -> None:
    """Offsets, digits and characters of a stretch; past the end there is nothing."""
    viewer = look_at(bytes(range(256)) * 32, "unknown")
    lines = viewer.bytes_at(BYTES_A_PAGE, JOB).splitlines()
    assert len(lines) == BYTES_A_PAGE // 16
    assert lines[4].split() == [
        str(BYTES_A_PAGE + 64),
        *(f"{n:02x}" for n in range(64, 80)),
        "@ABCDEFGHIJKLMNO",
    ]
    assert viewer.bytes_at(1 << 40, JOB) == ""


def test_tensors_come_in_stretches(look_at: Callable[[bytes, str], Viewer]) -> None:
    """At most ``MAX_ROWS`` rows at a time, the next stretch begins where it says, names filter all."""
    viewer = look_at(documents_package.safetensors(700), "safetensors")
    first = viewer.tensors(0, "", JOB)
    assert (len(first.rows), first.next_start) == (MAX_ROWS, MAX_ROWS)
    rest = viewer.tensors(MAX_ROWS, "", JOB)
    assert [row.number for row in (*first.rows, *rest.rows)] == list(range(700))
    (found,) = viewer.tensors(0, "LAYERS.650.", JOB).rows
    assert found.untrusted_name == "model.layers.650.weight"


BOX = plain_zip({"in.zip": plain_zip({"x/note.txt": b"inner"}), "a.txt": b"outer"})


def test_files_of_a_container_come_in_stretches(look_at: Callable[[bytes, str], Viewer]) -> None:
    """At most ``MAX_ROWS`` in the container's order, the next stretch where it says, names filter all."""
    files = {f"f{number:03}.txt": b"x" * number for number in range(700)}
    viewer = look_at(plain_zip(files), "zip")
    first = viewer.members(0, "", JOB)
    assert (len(first.rows), first.next_start, first.total) == (MAX_ROWS, MAX_ROWS, 700)
    rest = viewer.members(MAX_ROWS, "", JOB)
    assert [(row.number, row.untrusted_name, row.size_bytes) for row in (*first.rows, *rest.rows)] == [
        (number, name, number) for number, name in enumerate(files)
    ]
    assert rest.next_start is None
    (found,) = viewer.members(0, "F650", JOB).rows
    assert found.number == 650


def test_every_look_is_at_the_file_that_was_entered(look_at: Callable[[bytes, str], Viewer]) -> None:
    """A way through containers turns all looks to its end, and an empty way leads back."""
    viewer = look_at(BOX, "zip")
    inner = viewer.enter(("in.zip", "x/note.txt"), JOB)
    assert (inner.kind, inner.size_bytes) == ("text", 5)
    assert viewer.text(0, JOB) == "inner"
    assert viewer.bytes_at(0, JOB).endswith("inner")
    assert viewer.enter(("a.txt",), JOB).size_bytes == 5
    assert viewer.text(0, JOB) == "outer"
    assert viewer.enter((), JOB).size_bytes == len(BOX)
    assert [row.untrusted_name for row in viewer.members(0, "", JOB).rows] == ["in.zip", "a.txt"]


@pytest.mark.parametrize("way", [("missing",), ("in.zip", "missing"), ("a.txt", "deeper")])
def test_a_way_that_leads_nowhere_is_not_gone(
    look_at: Callable[[bytes, str], Viewer], way: tuple[str, ...]
) -> None:
    """What is not inside cannot be entered, and the next look is where the last one was."""
    viewer = look_at(BOX, "zip")
    viewer.enter(("in.zip",), JOB)
    with pytest.raises(CannotShow) as caught:
        viewer.enter(way, JOB)
    assert caught.value.reason_code
    assert [row.untrusted_name for row in viewer.members(0, "", JOB).rows] == ["x/note.txt"]


LOOKS: dict[str, tuple[str, bytes, Callable[[Viewer], object]]] = {
    "pixels of text": ("text", b"text", lambda viewer: viewer.page(0, 100, JOB)),
    "pixels of rubbish": ("png", b"\x89PNG rubbish", lambda viewer: viewer.page(0, 100, JOB)),
    "a page that is not there": ("text", b"text", lambda viewer: viewer.text(7, JOB)),
    "samples of rubbish": ("inspect-eval", b"rubbish", lambda viewer: viewer.samples(0, JOB)),
    "a sample of rubbish": ("inspect-eval", b"rubbish", lambda viewer: viewer.sample("1", 0, JOB)),
    "files of rubbish": ("zip", b"rubbish", lambda viewer: viewer.members(0, "", JOB)),
    "tensors of rubbish": ("safetensors", b"rubbish", lambda viewer: viewer.tensors(0, "", JOB)),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_cannot_be_shown_says_so_and_the_next_look_works(
    look_at: Callable[[bytes, str], Viewer], look: str
) -> None:
    """A look that gives nothing gives a reason, and spoils no other."""
    kind, content, act = LOOKS[look]
    viewer = look_at(content, kind)
    with pytest.raises(CannotShow) as caught:
        act(viewer)
    assert caught.value.reason_code
    assert viewer.bytes_at(0, JOB)


def test_a_cancelled_look_ends_and_the_next_works(look_at: Callable[[bytes, str], Viewer]) -> None:
    """A job that was asked to stop ends its look only."""
    viewer, job = look_at(b"text", "text"), JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        viewer.text(0, job)
    assert viewer.text(0, JOB) == "text"


def test_a_closed_viewer_shows_nothing(look_at: Callable[[bytes, str], Viewer]) -> None:
    """After closing every look ends as cancelled; closing twice is no error."""
    viewer = look_at(b"text", "text")
    viewer.close()
    viewer.close()
    for look in (
        lambda: viewer.text(0, JOB),
        lambda: viewer.bytes_at(0, JOB),
        lambda: viewer.page_count(JOB),
    ):
        with pytest.raises(JobCancelled):
            look()
