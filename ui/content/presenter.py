"""Content sets, without widgets: what stands here, taking one into use, moving a case to another version."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from ui.content.shown import ContentView, MoveShown, Powers
from ui.desk import Desk
from ui.shown import Pairs
from ui.window_words import counted
from workstation.app import content, content_shelf, leading
from workstation.app.content_shelf import Movable, Offered, Shelved
from workstation.app.services import Session
from workstation.core.content import ContentKind, ContentSigner
from workstation.core.criteria import CarryForward
from workstation.core.jobs import JobControl, Progress
from workstation.core.people import APPOINTED, Duty
from workstation.core.values import CaseId, CriterionId

T = TypeVar("T")
_MOST_NAMED = 40
_FOR_NEW = "Cases opened from now on go by it. No case has moved."
_FOR_ALL = "Every marking is read and put together by it from now on, in every case."
_SHIPPED = "It came with the program and is pinned by its digest; nobody signed it beside that."


class ContentPresenter:
    """Shows, verifies as a job, moves. Nothing offered is believed before its signature holds."""

    def __init__(self, view: ContentView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._shelf: dict[str, Shelved] = {}
        self._at = ""

    def marking(self) -> str:
        """Sets are questions and thresholds as signed; of cases nothing but identifiers is shown."""
        return ""

    def refresh(self) -> None:
        """Read the shelf again, off the window's thread."""

        def read(session: Session) -> tuple[tuple[Shelved, ...], tuple[str, ...]]:
            with session.look() as work:
                roots = content.fingerprints(content.trusted(work))
            return content_shelf.shelf(session), roots

        self._desk.read("content", read, self._show)

    def _show(self, found: tuple[tuple[Shelved, ...], tuple[str, ...]]) -> None:
        rows, roots = found
        self._shelf = {row.reference: row for row in rows}
        self._view.show_trust(_trust_facts(roots))
        taken = sum(bool(row.signers) for row in rows)
        about = f"{len(rows)} versions; {taken} taken into use here, the others came with the program."
        self._view.show_shelf(rows, about, self._powers)
        if rows:
            self.choose(self._at if self._at in self._shelf else rows[0].reference)

    @property
    def _powers(self) -> Powers:
        person = self._desk.here.person

        def may(duty: Duty) -> bool:
            return person.active and person.role in APPOINTED[duty]

        return Powers(add=may(Duty.ADD_CONTENT), trust=may(Duty.TRUST_CONTENT), move=may(Duty.SETTLE))

    def choose(self, reference: str) -> None:
        """One version; which cases could move to it is read beside."""
        row = self._shelf.get(reference)
        if row is None:
            return
        self._at = reference
        self._view.show_move(None)
        self._view.show_set(row, self._facts(row), ())
        if row.kind is not ContentKind.VOCABULARY and self._powers.move:

            def show(found: Sequence[Movable]) -> None:
                if self._at == reference:
                    self._view.show_set(row, self._facts(row), found)

            self._desk.read(
                "content-movable", lambda session: content_shelf.movable(session, reference), show
            )

    def _facts(self, row: Shelved) -> Pairs:
        pairs = [
            ("Kind", row.kind_words),
            ("Title", row.title),
            ("Entries", f"{row.entries:,}"),
            ("Version", "the newest kept here" if row.newest else "an earlier one"),
            ("SHA-384", row.sha384),
        ]
        pairs += [("Signed by", _signer(one)) for one in row.signers] or [("Signed by", _SHIPPED)]
        if row.added_at is not None:
            pairs.append(("Taken into use", f"{self._desk.dates.moment(row.added_at)} by {row.added_by}"))
        if row.notice:
            pairs.append(("Notice", row.notice))
        if row.kind is ContentKind.VOCABULARY:
            pairs.append(("Used by", "every marking on this workstation, while it is the newest"))
        else:
            pairs.append(("Used by", _cases(row.cases)))
        return tuple(pairs)

    # --- taking into use -------------------------------------------------------------------------------

    def look_into(self, folder: Path) -> None:
        """List the sets that lie in a folder or on a medium."""

        def done(found: tuple[Offered, ...]) -> None:
            number = counted(len(found), "content set")
            words = f"{folder}: {number}, by its own words. Nothing of it is believed yet."
            self._view.show_offered(
                found, words if found else f"{folder}: no content set lies there. Choose another folder."
            )

        self._run(lambda _session, job: content_shelf.offered(folder, job), done)

    def add(self, path: Path) -> None:
        """Verify one and offer it from here on."""

        def work(session: Session, job: JobControl) -> content.ContentRow:
            job.tick(Progress(stage="content.verify", untrusted_detail=path.name))
            return content.add(session, path)

        def done(row: content.ContentRow) -> None:
            self._at, is_words = row.reference, row.kind is ContentKind.VOCABULARY
            self._view.show_verified(
                (
                    ("Verified", f"{row.reference}: the signature holds over the very bytes of {path.name}."),
                    ("Signed by", "; ".join(row.signers)),
                    ("SHA-384", row.sha384),
                    ("Stands for", _FOR_ALL if is_words else _FOR_NEW),
                )
            )
            self.refresh()
            where = "in force for every marking" if is_words else "in use for new cases"
            self._desk.notices.tell(f"{row.reference} is {where}.")

        self._run(work, done)

    def trust(self, folder: Path, *, replacing: bool) -> None:
        """Believe the roots in a folder about content."""

        def work(session: Session, _job: JobControl) -> tuple[str, ...]:
            return content.trust(session, folder, replacing=replacing)

        def done(roots: tuple[str, ...]) -> None:
            self.refresh()
            number = "One root is" if len(roots) == 1 else f"{len(roots)} roots are"
            self._desk.notices.tell(f"{number} believed about content sets, and no other.")

        self._run(work, done)

    def _run(self, work: Callable[[Session, JobControl], T], done: Callable[[T], None]) -> None:
        session = self._desk.here
        self._desk.busy(self._view, lambda job: work(session, job), done)

    # --- moving a case ---------------------------------------------------------------------------------

    def ask_move(self, case_id: str) -> None:
        """Show what would carry over before anything moves."""
        row = self._shelf.get(self._at)
        if row is None or not case_id:
            return
        if row.kind is not ContentKind.CRITERIA:
            words = "Results stay as they are; the readings are computed anew by the other profile."
            self._view.show_move(MoveShown(facts=(("Carries over", words),)))
            return
        self._view.show_move(None)
        carries: list[CarryForward] = []

        def look() -> None:
            carries.append(leading.what_would_move(self._desk.here, CaseId(case_id), row.reference))

        if self._desk.attempt(look, dismiss=False):
            self._view.show_move(MoveShown(facts=_carry_facts(carries[0])))

    def move(self, case_id: str, reason: str) -> None:
        """Review, or read, the case by the chosen version from here on."""
        reference = self._at
        if self._desk.attempt(
            lambda: leading.move(self._desk.here, CaseId(case_id), reference, reason=reason.strip())
        ):
            self._view.forget_reason()
            self._view.show_move(None)
            self.refresh()
            self._desk.notices.tell(f"{case_id} goes by {reference} from here on.")


def _signer(one: ContentSigner) -> str:
    return f"{one.untrusted_name}, {one.algorithm}, certificate SHA-384 {one.certificate_sha384}"


def _trust_facts(roots: Sequence[str]) -> Pairs:
    if not roots:
        return (("Believed", "Nobody. Before a set can be taken into use the custodian chooses the roots."),)
    return tuple((f"Root {number} SHA-384", root) for number, root in enumerate(roots, 1))


def _cases(cases: Sequence[CaseId]) -> str:
    if not cases:
        return "no case"
    named = ", ".join(cases[:_MOST_NAMED])
    more = f" and {len(cases) - _MOST_NAMED:,} more" if len(cases) > _MOST_NAMED else ""
    return f"{len(cases):,} cases: {named}{more}" if len(cases) > 1 else named


def _carry_facts(carry: CarryForward) -> Pairs:
    def named(found: Sequence[CriterionId], words: str) -> str:
        return f"{len(found)}: {', '.join(found)}. {words}" if found else "none"

    kept = (
        f"{len(carry.kept)} questions did not change; their answers stay, by whom and when they were given."
    )
    asked = bool(carry.changed or carry.added)
    after = (
        "Whoever had submitted has the checklist open again."
        if asked
        else "Nothing is asked again; submitted checklists stay submitted."
    )
    return (
        ("Carries over", kept),
        ("Reworded", named(carry.changed, "Their answers do not carry over.")),
        ("New", named(carry.added, "They are unanswered.")),
        ("No longer asked", named(carry.removed, "Their answers stay in the record.")),
        ("After that", after),
    )
