"""Opening files of a package: what counts as opened, what is traced, and what a locked vault still shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import documents_package
from tests.helpers.office import office, unlock
from workstation.app import queries, viewing
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.app.viewing import OpenDocument
from workstation.core.exports import RecordUnknown
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.packages import Package
from workstation.core.vault_errors import VaultLocked
from workstation.core.viewing import CannotShow, Form, TextHits
from workstation.demo.story import Story

JOB = JobControl()


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Package]:
    """A package of documents in quarantine."""
    folder = tmp_path_factory.mktemp("office")
    story = office(folder, source=documents_package.write(folder))
    story.set_up()
    return story, story.receive(story.open_case())


@pytest.fixture
def acting(received: tuple[Story, Package], request: pytest.FixtureRequest) -> Iterator[Session]:
    """The person named by the test's parameter, a reviewer unless it says otherwise."""
    story, _package = received
    session = unlock(story.services, getattr(request, "param", "osei"))
    yield session
    sessions.lock(session, reason="person-left")


def shown(session: Session, package: Package, path: str) -> str:
    """Open a file, look at its first page of text, and close it."""
    document = viewing.open_document(session, package.package_id, path)
    try:
        return document.text(0, JOB)
    finally:
        document.close()


def openings(session: Session, package: Package, path: str) -> list[tuple[str, str]]:
    """Who looked at a file and under which event, oldest first."""
    rows = queries.history(session, package.case_id)
    return [
        (row.actor_name, row.event) for row in reversed(rows) if f'"untrusted_path":"{path}"' in row.body_json
    ]


def is_opened(session: Session, package: Package, path: str) -> bool:
    """Whether the file counts as opened by a reviewer."""
    return {file.untrusted_path: file.opened for file in queries.files(session, package.package_id)}[path]


def test_looking_is_traced_and_only_reviewers_count_once(received: tuple[Story, Package]) -> None:
    """An official's look leaves the file unopened; each reviewer's counts, once, however often they look."""
    story, package = received
    path = "notes.md"
    with story.acting("lindqvist") as official:
        assert documents_package.MARKUP in shown(official, package, path)
        assert shown(official, package, path)
        assert not is_opened(official, package, path)
    for name in ("osei", "osei", "ibarra"):
        with story.acting(name) as reviewer:
            assert shown(reviewer, package, path)
            assert is_opened(reviewer, package, path)
            traced = openings(reviewer, package, path)
    assert traced == [
        ("M. Lindqvist", "FileLookedAt"),
        ("K. Osei", "FileOpened"),
        ("R. Ibarra", "FileOpened"),
    ]


def test_a_file_of_which_nothing_was_shown_is_not_opened(
    acting: Session, received: tuple[Story, Package]
) -> None:
    """A broken PDF gives its reason, stays unopened, and can still be looked at as bytes, which counts."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "broken.pdf")
    with pytest.raises(CannotShow):
        document.page(0, 400, JOB)
    assert not document.is_opened
    assert openings(acting, package, "broken.pdf") == []
    assert not is_opened(acting, package, "broken.pdf")
    assert "25 50 44 46" in document.bytes_at(0, JOB)
    document.close()
    assert is_opened(acting, package, "broken.pdf")


def test_opening_and_counting_pages_is_not_looking(acting: Session, received: tuple[Story, Package]) -> None:
    """As long as nothing was shown, nothing is written."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "report.pdf")
    assert document.page_count(JOB) == 12
    document.close()
    assert openings(acting, package, "report.pdf") == []


def test_a_search_tells_pages_it_could_not_read(
    acting: Session, received: tuple[Story, Package], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page that breaks the reader is found by halving, named, and hides no place on another page."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "report.pdf")
    real = document._viewer.find

    def breaking(text: str, first: int, count: int, job: JobControl) -> TextHits:
        if first <= 6 < first + count:
            raise CannotShow(reason_code="EXAMINE_CRASHED")
        return real(text, first, count, job)

    monkeypatch.setattr(document._viewer, "find", breaking)
    found = document.search("measured range", JOB)
    document.close()
    assert [hit.page for hit in found.hits] == [2]
    assert found.unread_pages == (6,)
    assert found.read_pages == 11


def test_a_search_can_be_stopped(acting: Session, received: tuple[Story, Package]) -> None:
    """A cancelled search ends as cancelled."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "report.pdf")
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        document.search("measured", job)
    document.close()


def test_a_sample_is_found_by_its_name(acting: Session, received: tuple[Story, Package]) -> None:
    """Evidence that names a sample leads to it; a name that is not there leads nowhere."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "run.eval")
    assert document.forms[0] is Form.SAMPLES
    row = document.sample_named("range-7", JOB)
    assert row is not None
    assert document.sample(row.key, 0, JOB).untrusted_id == "range-7"
    assert document.sample_named("range-700", JOB) is None
    document.close()


def test_samples_are_found_by_their_words(acting: Session, received: tuple[Story, Package]) -> None:
    """Every word counts whatever its case, the whole log is gone through, and a search can be stopped."""
    _story, package = received
    document = viewing.open_document(acting, package.package_id, "run.eval")
    log = document.samples(0, JOB)
    found = document.find_samples("MATCH range-7", 0, JOB)
    assert [row.untrusted_id for row in found.rows] == [
        row.untrusted_id for row in log.rows if "range-7" in row.untrusted_id
    ]
    assert (found.read, found.next_start) == (log.total, None)
    assert not document.find_samples("range-7 nothing-like-it", 0, JOB).rows
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        document.find_samples("range", 0, job)
    document.close()


def test_a_locked_vault_shows_nothing_more(received: tuple[Story, Package]) -> None:
    """After the lock an open document gives no further page, and no file can be opened."""
    story, package = received
    session = unlock(story.services, "osei")
    document: OpenDocument = viewing.open_document(session, package.package_id, "report.pdf")
    document.page(0, 300, JOB)
    sessions.lock(session, reason="asked")
    with pytest.raises((VaultLocked, CannotShow, ValueError)) as caught:
        document.page(5, 300, JOB)
    assert isinstance(caught.value, VaultLocked)
    document.close()


def test_a_file_that_is_not_there_is_refused(acting: Session, received: tuple[Story, Package]) -> None:
    """Evidence may name a path that the package does not have."""
    _story, package = received
    with pytest.raises(RecordUnknown):
        viewing.open_document(acting, package.package_id, "../../etc/passwd")


def test_nothing_of_a_document_reaches_the_disk(received: tuple[Story, Package], tmp_path: Path) -> None:
    """Drawing pages leaves no file behind, beside the vault or elsewhere in the office's folder."""
    story, package = received
    with story.acting("osei") as session:
        before = {path for path in story.medium.parent.rglob("*") if path.is_file()}
        document = viewing.open_document(session, package.package_id, "report.pdf")
        for number in range(3):
            document.page(number, 300, JOB)
        document.close()
        after = {path for path in story.medium.parent.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} <= {"database.sqlite-wal", "database.sqlite-shm"}
    assert list(tmp_path.iterdir()) == []
