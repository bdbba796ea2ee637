"""Whole documents and transcripts can be found by their words, however reading them was interrupted."""

import pytest

from tests.helpers import documents_package
from tests.helpers.office import office
from workstation.app import auditing, full_texts, queries, searching
from workstation.app.searching import Hit, HitKind
from workstation.core.full_texts import NotRead, TextState
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.values import CaseId
from workstation.demo.story import Story

DEEP = "zeppelinward"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """A received submission with a long document in it, which nobody has accepted or looked at."""
    folder = tmp_path_factory.mktemp("office")
    submission = folder / "submission"
    submission.mkdir()
    filler = "An ordinary line of a long report.\n" * 40_000
    (submission / "report.md").write_text(f"# Report\n{filler}\nIt moved {DEEP} at last.\n")
    (submission / "other.txt").write_text("A short one about lighthouses.\n")
    (submission / "weights.bin").write_bytes(bytes(range(256)) * 64)
    story = office(folder / "office", source=submission)
    story.set_up()
    case_id = story.open_case()
    story.receive(case_id)
    return story, case_id


def found(story: Story, login_name: str, text: str) -> list[Hit]:
    """The passages that one person finds."""
    with story.acting(login_name) as session:
        hits = searching.search(session, searching.known(session, None), text)
        return [hit for hit in hits if hit.kind is HitKind.PASSAGE]


def test_what_nobody_has_read_is_said(told: tuple[Story, CaseId]) -> None:
    """Before its documents are read a package is said to be missing from every search."""
    story, _case_id = told
    assert found(story, "osei", DEEP) == []
    with story.acting("osei") as session:
        missing = full_texts.unread(session)
        assert (missing.packages_waiting, missing.is_everything_read) == (1, False)


def test_a_stopped_job_goes_on_where_it_was(told: tuple[Story, CaseId]) -> None:
    """Stopped in the middle of a file, the index keeps what was read and later reads only the rest."""
    story, _case_id = told
    seen: list[str] = []

    class Stopping(JobControl):
        """Stops at the third piece of the report."""

        def tick(self, progress: Progress) -> None:
            seen.append(progress.untrusted_detail)
            if seen.count("report.md") > 3:
                raise JobCancelled

    with story.acting("osei") as session:
        with pytest.raises(JobCancelled):
            full_texts.index(session, Stopping())
        with session.look() as work:
            (package_id,) = work.texts.waiting()
            begun = work.texts.of_package(package_id)
    assert (begun["report.md"].state, begun["report.md"].next_at) == (TextState.BEGUN, 2)
    assert begun["other.txt"].state is TextState.WHOLE
    with story.acting("osei") as session:  # after a restart
        full_texts.index(session, JobControl())
        with session.look() as work:
            done = work.texts.of_package(package_id)
            assert work.texts.waiting() == []
        assert full_texts.index(session, JobControl()) == 0
    assert done["report.md"].chars > 1_400_000


def test_a_word_deep_in_a_document_is_found_with_its_page(told: tuple[Story, CaseId]) -> None:
    """A word at the end of 1.4 million characters is found once, with path and page, under the banner."""
    story, case_id = told
    (hit,) = found(story, "tanaka", DEEP)
    assert (hit.case_id, hit.untrusted_path, hit.marking) == (case_id, "report.md", "UNCLASSIFIED")
    assert hit.anchor.startswith("page=")
    assert int(hit.anchor.removeprefix("page=")) > 1
    assert DEEP in hit.untrusted_words
    assert hit.anchor in hit.untrusted_about
    assert len(found(story, "osei", "lighthouses")) == 1


def test_reading_for_the_index_is_in_the_trail_and_opens_nothing(told: tuple[Story, CaseId]) -> None:
    """Indexing is a row of the trail and leaves every file as unopened as it was."""
    story, case_id = told
    with story.acting("osei") as session:
        rows = [row.event for row in auditing.page(session, case_id=case_id)]
        assert "TextsIndexed" in rows
        assert queries.case_view(session, case_id).coverage["opened"] == 0
        unread = full_texts.unread(session)
    assert unread.packages_waiting == 0
    assert NotRead.NOT_TEXT not in unread.files


def test_transcripts_and_documents_are_found_by_sample_and_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A transcript is found under its sample, pages of a PDF and an office document under their numbers."""
    folder = tmp_path_factory.mktemp("documents")
    story = office(folder / "office", source=documents_package.write(folder))
    story.set_up()
    story.receive(story.open_case())
    with story.acting("osei") as session:
        full_texts.index(session, JobControl())
    assert "sample=range-7" in {hit.anchor for hit in found(story, "osei", "range-7")}
    places = {(hit.untrusted_path, hit.anchor) for hit in found(story, "osei", "page 2")}
    assert any(path.endswith(".pdf") and anchor == "page=2" for path, anchor in places)
