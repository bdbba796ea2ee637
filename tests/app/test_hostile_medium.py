"""A medium that changes between two looks at it, and submissions made to be misread."""

import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation.app import examining, intake, quarantine, queries, reviewing
from workstation.core import events
from workstation.core.case_errors import StepNotPossible
from workstation.core.examination import Coverage, Finding, Outcome, Severity
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.packages import (
    Fixity,
    PackageFile,
    PackageState,
    SourceChanged,
    SourceUnsteady,
)
from workstation.core.values import CaseId, PackageId
from workstation.demo.story import Story


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One office; every test opens a case of its own."""
    told = office(tmp_path_factory.mktemp("office"))
    told.set_up()
    return told


class At(JobControl):
    """Does something once, at the first tick of a stage that matches."""

    def __init__(self, stage: str, act: Callable[[], None], *, file: str = "", skip: int = 0) -> None:
        super().__init__()
        self._stage, self._act, self._file, self._left = stage, act, file, skip + 1

    def tick(self, progress: Progress) -> None:
        """Act, then go on as usual."""
        if progress.stage == self._stage and self._file in progress.untrusted_detail and self._left:
            self._left -= 1
            if not self._left:
                self._act()
        super().tick(progress)


def interrupted(story: Story, case_id: CaseId, source: Path) -> None:
    """A receipt cut short after everything was stored and before anything was examined."""
    with story.acting("osei") as session, pytest.raises(JobCancelled):
        intake.receive(session, case_id, source, _CancelAt("intake.examine"))


class _CancelAt(JobControl):
    """Cancels itself at the first tick of a stage once something was stored."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self._stage, self._stored = stage, False

    def tick(self, progress: Progress) -> None:
        """Watch the stages go by."""
        self._stored = self._stored or progress.stage == "intake.store"
        if self._stored and progress.stage == self._stage:
            self.cancel()
        super().tick(progress)


def again(story: Story, case_id: CaseId, source: Path) -> intake.Package:
    """The same receipt taken up again."""
    with story.acting("osei") as session:
        return intake.receive(session, case_id, source, JobControl())


def folder(path: Path, **files: str) -> Path:
    """A plain folder with these files."""
    path.mkdir()
    for name, text in files.items():
        (path / f"{name}.txt").write_text(text)
    return path


def test_a_resumed_receipt_never_mixes_two_submissions(story: Story, tmp_path: Path) -> None:
    """Files of the same names and sizes with other content, or a file gone, are another submission."""
    case_id = story.open_case()
    source = folder(tmp_path / "medium", one="first submission", two="first submission")
    interrupted(story, case_id, source)
    (source / "one.txt").write_text("other submission")
    with pytest.raises(SourceChanged):
        again(story, case_id, source)
    (source / "one.txt").unlink()
    with pytest.raises(SourceChanged):
        again(story, case_id, source)
    (source / "one.txt").write_text("first submission")
    assert again(story, case_id, source).file_count == 2


def bag(path: Path, text: str, stated: str) -> Path:
    """A bag of one file, whose manifest speaks of ``stated``."""
    (path / "data").mkdir(parents=True)
    (path / "data" / "a.txt").write_text(text)
    (path / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    digest = hashlib.sha384(stated.encode()).hexdigest()
    (path / "manifest-sha384.txt").write_text(f"{digest}  data/a.txt\n")
    return path


def test_a_manifest_swapped_after_the_interruption_is_noticed(story: Story, tmp_path: Path) -> None:
    """What an earlier attempt compared with one manifest does not count under another."""
    case_id = story.open_case()
    source = bag(tmp_path / "bag", "text", "text")
    interrupted(story, case_id, source)
    shutil.rmtree(source)
    bag(source, "text", "TEXT")
    with pytest.raises(SourceChanged):
        again(story, case_id, source)


def test_what_cannot_go_on_can_be_returned(story: Story, tmp_path: Path) -> None:
    """A receipt whose medium is gone is returned with a reason, and the case takes another submission."""
    case_id = story.open_case()
    interrupted(story, case_id, folder(tmp_path / "broken", one="x"))
    with story.acting("ibarra") as session:
        begun = next(p for p in quarantine.unfinished(session) if p.case_id == case_id)
        returned = quarantine.return_as_deficient(session, begun.package_id, reason="The medium broke.")
        assert returned.state is PackageState.DEFICIENT
    package = again(story, case_id, folder(tmp_path / "fresh", one="x"))
    assert package.state is PackageState.QUARANTINED
    assert package.package_id != returned.package_id


def test_a_withdrawn_case_reads_nothing_more(story: Story, tmp_path: Path) -> None:
    """After the withdrawal a begun receipt is refused before a byte is read."""
    case_id = story.open_case()
    source = folder(tmp_path / "medium", one="x")
    interrupted(story, case_id, source)
    with story.acting("ibarra") as session:
        reviewing.withdraw(session, case_id, reason="asked by letter", disposition="return")
        begun = next(p for p in quarantine.unfinished(session) if p.case_id == case_id)
    with pytest.raises(StepNotPossible):
        again(story, case_id, source)
    with story.acting("ibarra") as session:
        quarantine.return_as_deficient(session, begun.package_id, reason="withdrawn")


def test_a_file_that_grows_while_it_is_read_is_refused(story: Story, tmp_path: Path) -> None:
    """A medium that gives more bytes than it listed is unsteady; nothing of it counts as received."""
    case_id = story.open_case()
    source = folder(tmp_path / "medium", one="x" * 10)
    folder(source / "inner", two="x")

    def grow() -> None:
        with (source / "one.txt").open("a") as file:
            file.write("y" * 100)

    with story.acting("osei") as session:
        with pytest.raises(SourceUnsteady):
            intake.receive(session, case_id, source, At("intake.open", grow, skip=1))
        begun = next(p for p in quarantine.unfinished(session) if p.case_id == case_id)
        assert not queries.files(session, begun.package_id)
    with story.acting("ibarra") as session:
        quarantine.return_as_deficient(session, begun.package_id, reason="unsteady medium")


def test_the_container_is_hashed_through_the_file_that_was_opened(story: Story, tmp_path: Path) -> None:
    """Swapping the path for a pipe after opening neither hangs the intake nor changes the digest."""
    case_id = story.open_case()
    source, kept = tmp_path / "one.zip", tmp_path / "kept.zip"
    with zipfile.ZipFile(source, "w") as packed:
        packed.writestr("a.txt", "x")
    whole = hashlib.sha384(source.read_bytes()).hexdigest()

    def swap() -> None:
        source.rename(kept)
        os.mkfifo(source)

    with story.acting("osei") as session:
        package = intake.receive(session, case_id, source, At("intake.examine", swap))
    assert package.container_sha384 == whole


def test_a_name_that_is_no_text_is_received(story: Story, tmp_path: Path) -> None:
    """A folder whose name is not UTF-8 is taken in under its visible name."""
    case_id = story.open_case()
    source = folder(tmp_path / os.fsdecode(b"bad\xff"), one="x")
    assert again(story, case_id, source).untrusted_name == "bad\\xff"


def test_a_rejected_folder_is_not_said_to_lack_its_files(story: Story, tmp_path: Path) -> None:
    """Of a bag rejected for a pipe in it no file is called missing: nobody looked for them."""
    case_id = story.open_case()
    source = bag(tmp_path / "bag", "text", "text")
    os.mkfifo(source / "data" / "pipe")
    package = again(story, case_id, source)
    assert package.outcome is Outcome.REJECT
    assert "BAG_MISSING" not in {finding.code for finding in package.findings}


def test_no_number_of_cautions_hides_a_danger() -> None:
    """A danger named after thousands of cautions of the same file is among the package's findings."""
    cautions = [Finding(code="C", severity=Severity.CAUTION, path=str(n)) for n in range(5_000)]
    danger = Finding(code="D", severity=Severity.DANGER, path="last")
    file = PackageFile(
        package_id=PackageId("P"),
        untrusted_path="a",
        size_bytes=1,
        sha384="",
        object_ref="",
        fixity=Fixity.UNLISTED,
        coverage=Coverage.DANGEROUS,
        findings=(*cautions, danger),
    )
    total = intake._Sum()
    list(total.of([file]))
    assert danger in total.findings


def test_the_walls_of_an_earlier_attempt_count(story: Story, tmp_path: Path) -> None:
    """What was examined behind fewer walls before an interruption keeps the record at those."""
    case_id = story.open_case()
    source = folder(tmp_path / "medium", one="x")
    package = again(story, case_id, source)
    facts = {"file_count": 0, "dangerous": 0, "inconclusive": 0}
    with story.acting("osei") as session:
        with session.work() as work:
            work.packages.save(replace(package, isolation=("rlimits",)))
            work.record(events.FilesExamined(case_id=case_id, package_id=package.package_id, **facts))
        assert examining.examine_stored(session, package.package_id, JobControl()) == ("rlimits",)


def test_a_file_read_in_part_is_inconclusive(story: Story, tmp_path: Path) -> None:
    """What a worker calls incomplete never counts as "nothing found", even with nothing but notes."""
    case_id = story.open_case()
    source = tmp_path / "medium"
    source.mkdir()
    with zipfile.ZipFile(source / "a.zip", "w") as packed:
        packed.writestr("odd.qqq", bytes(range(256)))
    package = again(story, case_id, source)
    with story.acting("osei") as session:
        (file,) = queries.files(session, package.package_id)
    assert file.coverage is Coverage.INCONCLUSIVE


@pytest.mark.parametrize("long", [0, 4_000])
def test_what_one_file_keeps_of_its_findings_is_bounded(long: int) -> None:
    """A file made to give findings without end keeps its dangers and a count, in little memory."""
    cautions = tuple(Finding(code="C", severity=Severity.CAUTION, path="x" * long) for _ in range(5_000))
    danger = Finding(code="D", severity=Severity.DANGER, path="last")
    kept = examining._bounded((*cautions, danger), "a")
    assert kept[0] == danger
    assert (kept[-1].code, int(kept[-1].detail)) == ("EXAMINE_MORE", 5_001 - (len(kept) - 1))
    assert sum(len(finding.path) for finding in kept) < 1 << 20
    assert examining._bounded(cautions[:9], "a") == cautions[:9]


def test_what_was_returned_while_it_was_read_stays_returned(story: Story, tmp_path: Path) -> None:
    """A package returned during its own receipt does not come back into quarantine at the end of it."""
    case_id = story.open_case()
    source = folder(tmp_path / "medium", one="x")
    with story.acting("osei") as session:

        def give_up() -> None:
            begun = next(p for p in quarantine.unfinished(session) if p.case_id == case_id)
            quarantine.return_as_deficient(session, begun.package_id, reason="enough")

        with pytest.raises(StepNotPossible):
            intake.receive(session, case_id, source, At("intake.examine", give_up))
        package = queries.case_view(session, case_id).package
    assert package is not None
    assert package.state is PackageState.DEFICIENT
