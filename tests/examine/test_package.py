"""A package opened for intake, and a path examined: every form gives the same members and the same words."""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.archives import TarMember, ZipMember, make_tar, make_zip, plain_zip
from tests.helpers.bags import bag, zipped
from workstation.core.examination import Coverage, Outcome
from workstation.examine import package, wire
from workstation.examine.examiner import Examiner
from workstation.examine.package import NotExaminable, TrustUnreadable
from workstation.examine.reader import BytesSource, Source
from workstation.examine.sandbox import Broken
from workstation.examine.tree import SourceUnreadable

FILES = {"card.md": b"# Card\n", "logs/run.txt": b"line\n" * 40_000, "empty.bin": b""}


def written(root: Path, files: dict[str, bytes]) -> Path:
    """A folder with these files."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def in_form(tmp_path: Path, form: str, files: dict[str, bytes]) -> Path:
    """The files as a folder, zip, tar or compressed tar."""
    path = tmp_path / f"package.{form}"
    if form == "folder":
        return written(path, files)
    if form == "zip":
        path.write_bytes(plain_zip(files))
    else:
        with tarfile.open(path, "w:gz" if form == "tgz" else "w") as archive:
            archive.add(written(tmp_path / "content", files), arcname=".")
    return path


@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tgz"])
def test_every_form_hands_out_the_same_members(tmp_path: Path, form: str) -> None:
    """Paths and bytes are the same whatever carried them."""
    with package.open_package(in_form(tmp_path, form, FILES)) as opened:
        members = {member.path: b"".join(member.chunks) for member in opened.members()}
    assert members == FILES
    assert opened.skipped == []


def test_a_single_file_is_a_package_of_one(tmp_path: Path) -> None:
    """A file that is no container is handed out as it is, under its own name."""
    path = written(tmp_path, {"card.md": b"# Card"}) / "card.md"
    with package.open_package(path) as opened:
        assert [(m.path, m.size_bytes, b"".join(m.chunks)) for m in opened.members()] == [
            ("card.md", 6, b"# Card")
        ]
    assert opened.kind == "file"


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_bag_brings_its_manifests(tmp_path: Path, form: str) -> None:
    """What a bag says of its files is handed to intake, path by path."""
    files = bag({"a.txt": b"hello"}, algorithm="sha512")
    path = tmp_path / "bag"
    if form == "folder":
        written(path, files)
    else:
        path.write_bytes(zipped(files))
    with package.open_package(path) as opened:
        assert {name: sorted(digests) for name, digests in opened.manifests.items()} == {
            "data/a.txt": ["sha512"]
        }
        assert opened.payload_prefix == "data/"
        assert {member.path for member in opened.members()} == set(files)


def test_members_may_be_left_unread(tmp_path: Path) -> None:
    """A reader that knows a member already may skip its bytes."""
    with package.open_package(in_form(tmp_path, "zip", FILES)) as opened:
        assert [member.path for member in opened.members()] == list(FILES)


def test_a_rejected_container_hands_out_nothing(tmp_path: Path) -> None:
    """Nothing is unpacked from an archive that escapes."""
    path = tmp_path / "x.zip"
    path.write_bytes(plain_zip({"ok.txt": b"1", "../evil": b"2"}))
    with package.open_package(path) as opened:
        assert opened.examination.outcome is Outcome.REJECT
        assert list(opened.members()) == []


def test_a_name_that_comes_twice_is_numbered(tmp_path: Path) -> None:
    """Both members of one name are handed out, and can be told apart."""
    path = tmp_path / "x.tar"
    path.write_bytes(make_tar(TarMember(name="a", data=b"1"), TarMember(name="a", data=b"2")))
    with package.open_package(path) as opened:
        assert {member.path: b"".join(member.chunks) for member in opened.members()} == {
            "a": b"1",
            "a#2": b"2",
        }


def test_what_cannot_be_expanded_is_named(tmp_path: Path) -> None:
    """An encrypted member is skipped with its reason; the others are handed out."""
    path = tmp_path / "x.zip"
    path.write_bytes(make_zip(ZipMember(name=b"a", data=b"1"), ZipMember(name=b"b", data=b"2", flags=1)))
    with package.open_package(path) as opened:
        assert [member.path for member in opened.members()] == ["a"]
    assert [(finding.code, finding.path) for finding in opened.skipped] == [("ARCH_ENCRYPTED", "b")]


@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tgz"])
def test_a_file_gets_the_same_words_in_every_form(tmp_path: Path, form: str) -> None:
    """A script is reported alike bare and inside each container, with its path inside."""
    script = {"tools/run.sh": b"#!/bin/sh\nexit 0\n"}
    bare = package.examine_path(written(tmp_path / "bare", script) / "tools/run.sh")
    carried = package.examine_path(in_form(tmp_path, form, script))
    (inner,) = [file for file in carried.files if file.path == "tools/run.sh"]
    assert (inner.kind, inner.coverage, inner.facts) == (
        bare.files[-1].kind,
        bare.files[-1].coverage,
        bare.files[-1].facts,
    )
    assert {f.code for f in carried.findings if f.path == inner.path} == {f.code for f in bare.findings}


def test_nested_containers_have_long_paths(tmp_path: Path) -> None:
    """A file in a tar in a zip in a folder is found under all their names."""
    inner = make_tar(TarMember(name="deep/card.md", data=b"# Card\n"))
    root = written(tmp_path / "p", {"outer.zip": plain_zip({"x/inner.tar": inner})})
    assert "outer.zip/x/inner.tar/deep/card.md" in {file.path for file in package.examine_path(root).files}


def test_nesting_has_an_end(tmp_path: Path) -> None:
    """Beyond four levels the innermost archive is named and inconclusive, never opened."""
    content = b"hello"
    for level in range(7):
        content = plain_zip({f"{level}.zip" if level else "a.txt": content})
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    found = package.examine_path(path)
    assert "ARCH:nested-too-deep" in {finding.code for finding in found.findings}
    assert found.outcome is Outcome.WARN


def test_a_folder_with_traps_is_read_without_falling_in(tmp_path: Path) -> None:
    """Pipes do not make the reader wait, links are not followed, and both are reported."""
    root = written(tmp_path / "p", {"a.txt": b"1"})
    os.mkfifo(root / "pipe")
    (root / "out").symlink_to("/etc/passwd")
    (root / "loop").symlink_to(root)
    found = package.examine_path(root)
    codes = {finding.code for finding in found.findings}
    assert {"ARCH:fifo", "ARCH:symlink-escape"} <= codes
    assert [file.path for file in found.files] == ["a.txt"]


def test_names_that_are_no_text_are_kept_and_shown(tmp_path: Path) -> None:
    """A file whose name is no UTF-8 is examined under a name with the bytes made visible."""
    root = tmp_path / "p"
    root.mkdir()
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.txt")).write_bytes(b"x")
    found = package.examine_path(root)
    assert [file.path for file in found.files] == ["caf\\xe9.txt"]
    assert "ARCH:undecodable-name" in {finding.code for finding in found.findings}


def test_links_and_devices_are_not_examined(tmp_path: Path) -> None:
    """A path given by a person must be a file or folder itself."""
    link = tmp_path / "link"
    link.symlink_to("/etc/passwd")
    for path in (link, Path("/dev/null"), tmp_path / "nothing"):
        with pytest.raises(NotExaminable):
            package.examine_path(path)


def test_a_trust_file_is_bounded(tmp_path: Path) -> None:
    """A trust file that is missing or huge is refused before it is read in."""
    large = tmp_path / "large.pem"
    large.write_bytes(bytes(package.MAX_TRUST_BYTES + 1))
    for path in (large, tmp_path / "nothing"):
        with pytest.raises(TrustUnreadable):
            package.read_trust(path)


class _Failing(BytesSource):
    """A medium that gives an error instead of bytes."""

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        raise SourceUnreadable(path="x", reason="Input/output error")


def test_a_medium_error_is_the_applications_error() -> None:
    """An error of the medium is no finding about the file: it reaches the caller as it is."""
    with Examiner() as examiner:
        with pytest.raises(SourceUnreadable):
            examiner.examine(_Failing(b"12345"))
        assert examiner.examine(BytesSource(b"# text\n", "a.md")).files


def test_stored_objects_are_examined_by_requests() -> None:
    """A source without a path is read piece by piece through the application."""
    asked: list[int] = []

    class Counting(BytesSource):
        def read_at(self, offset: int, size_bytes: int) -> bytes:
            asked.append(size_bytes)
            return super().read_at(offset, size_bytes)

    with Examiner() as examiner:
        found = examiner.examine(Counting(plain_zip({"a.md": b"# x\n"})), name="folder/x.zip")
    assert [file.path for file in found.files] == ["a.md", ""]
    assert max(asked) <= wire.MAX_READ_BYTES


def test_what_breaks_a_worker_is_left_out_at_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """One member that kills its reader is inconclusive; all the others are examined."""
    with Examiner() as examiner:
        really = examiner.sandbox.run

        def run(job: wire.Job, source: Source, *rest: object) -> Iterator[wire.FromWorker]:
            for message in really(job, source, *rest):  # type: ignore[arg-type]  # passed through
                if isinstance(message, wire.Begin) and message.path == "b.md" and "b.md" not in job.broken:
                    raise Broken("EXAMINE_CRASHED", "b.md")
                yield message

        monkeypatch.setattr(examiner.sandbox, "run", run)
        found = examiner.examine(
            BytesSource(plain_zip({"a.md": b"# a\n", "b.md": b"# b\n", "c.md": b"# c\n"}))
        )
    coverage = {file.path: file.coverage for file in found.files}
    assert coverage["b.md"] is Coverage.INCONCLUSIVE
    assert coverage["a.md"] is coverage["c.md"] is Coverage.NOTHING_FOUND
    assert [finding.path for finding in found.findings if finding.code == "EXAMINE_CRASHED"] == ["b.md"]


def test_what_always_breaks_a_worker_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that ends every worker is inconclusive with a code, and raises nothing."""

    def run(*_arguments: object) -> Iterator[wire.FromWorker]:
        raise Broken("EXAMINE_TIMEOUT", "")
        yield

    with Examiner() as examiner:
        monkeypatch.setattr(examiner.sandbox, "run", run)
        found = examiner.examine(BytesSource(b"12345"))
    assert (found.outcome, found.files[-1].coverage) == (Outcome.WARN, Coverage.INCONCLUSIVE)
