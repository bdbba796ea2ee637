"""Destroying a case in the window, without widgets: counted in a job, carried out in a job."""

from collections.abc import Callable, Mapping

from ui.desk import Desk
from ui.overview.destroying import DestroyCardView, DestroyOffer
from ui.presenting import CasePart
from workstation.app import destroying, queries
from workstation.app.destroying import Outlook
from workstation.app.document_destruction import counted
from workstation.app.wording import word
from workstation.core.case_states import OVER, CaseState
from workstation.core.exits import Progress
from workstation.core.exports import Report
from workstation.core.jobs import JobControl
from workstation.core.people import Duty

_DRAFT = "destruction"


class DestroyPresenter(CasePart):
    """What was counted is what is confirmed: anything else that came in between refuses the act."""

    def __init__(self, view: DestroyCardView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._card = view
        self._outlook: Outlook | None = None

    def show(self, view: queries.CaseView) -> None:
        """What stands, and whether the person has a part in it."""
        super().show(view)
        self._outlook = None
        self._offer()
        self._card.restore(self.draft(_DRAFT))

    def _offer(self) -> None:
        may, case = self.case.allowed, self.case.case
        destruction, outlook = case.exits.destruction, self._outlook
        asks, carries_out = Duty.REQUEST_DESTRUCTION in may, Duty.CARRY_OUT_DESTRUCTION in may
        ended = destruction is not None and destruction.progress is Progress.ENDED
        due = case.state in OVER | {CaseState.DETERMINED}
        standing = word("destruction", destruction.progress) if destruction else "Nobody has asked for it."
        if outlook is not None and outlook.ground is not None and destruction is None:
            standing = word("destruction-ground", outlook.ground)
        seen = outlook is not None
        free = outlook is not None and outlook.ground is None
        requested = destruction is not None and destruction.progress is Progress.REQUESTED
        self._card.offer(
            DestroyOffer(
                shown=due and not ended and (asks or (carries_out and destruction is not None)),
                standing=standing[:1].upper() + standing[1:],
                facts=self._facts(outlook) if outlook else (),
                may_ask=seen and asks and free and destruction is None,
                may_take_back=asks and requested,
                may_carry_out=seen and carries_out and destruction is not None and not ended,
            )
        )

    def _facts(self, outlook: Outlook) -> tuple[tuple[str, str], ...]:
        kept = tuple(f"{one.folder}, {self.desk.dates.moment(one.taken_at)}" for one in outlook.backups)
        destruction = outlook.case.exits.destruction
        asked: tuple[tuple[str, str], ...] = ()
        if destruction is not None:
            asked = (
                ("Asked for by", self.case.people[destruction.requested_by].display_name),
                ("Because", destruction.reason),
            )
        return (*asked, *counted(outlook.holdings), ("Backups that hold it", "; ".join(kept) or "none known"))

    def look(self) -> None:
        """Count what the case holds."""
        session, case_id = self.desk.here, self.case_id

        def done(outlook: Outlook) -> None:
            if self.desk.session is session:
                self._card.set_busy(busy=False)
                self._outlook = outlook
                self._offer()

        self._begin()
        self.desk.jobs.start(
            lambda _job: destroying.look_at(session, case_id), done=done, failed=self._failed(session)
        )

    def keep(self, fields: Mapping[str, str]) -> None:
        """Keep what was typed and not recorded."""
        self.typed(_DRAFT, fields)

    def ask(self, reason: str) -> None:
        """Ask somebody else to destroy it."""
        here, case_id = self.desk.here, self.case_id
        self._recorded(
            lambda: destroying.request(here, case_id, reason=reason), "The destruction is asked for."
        )

    def take_back(self, reason: str) -> None:
        """Take the request back."""
        here, case_id = self.desk.here, self.case_id
        self._recorded(
            lambda: destroying.take_back(here, case_id, reason=reason), "The request is taken back."
        )

    def _recorded(self, work: Callable[[], object], told: str) -> None:
        if self.act(work, told):
            self.typed(_DRAFT, {})
            self._card.forget_typed()

    def carry_out(self, secret: bytearray) -> None:
        """Destroy what was shown."""
        session, case_id, outlook = self.desk.here, self.case_id, self._outlook
        if outlook is None:
            secret[:] = bytes(len(secret))
            return
        shown = outlook.holdings

        def work(job: JobControl) -> Report:
            try:
                return destroying.carry_out(session, case_id, shown, secret, job)
            finally:
                secret[:] = bytes(len(secret))

        def done(report: Report) -> None:
            if self.desk.session is session:
                self._card.set_busy(busy=False)
                self.changed()
                self.desk.notices.tell(f"The case is destroyed. Its certificate is {report.report_id}.")

        self._begin()
        self.desk.jobs.start(work, done=done, failed=self._failed(session))

    def _begin(self) -> None:
        self.desk.notices.dismiss()
        self._card.set_busy(busy=True)

    def _failed(self, session: object) -> Callable[[BaseException], None]:
        def failed(error: BaseException) -> None:
            if self.desk.session is session:
                self._card.set_busy(busy=False)
                self.desk.failed(error)

        return failed


__all__ = ["DestroyPresenter"]
