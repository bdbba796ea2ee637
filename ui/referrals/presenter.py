"""Referrals of one case, without widgets: draft, sign or sign off, request the export, record the receipt."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date

from ui.desk import Desk
from ui.presenting import CasePart
from ui.referrals.shown import Offers, ReferralFields, ReferralLine, ReferralShown, ReferralsView
from ui.shown import Pairs, lines
from workstation.app import clearinghouse, exporting, findings, queries
from workstation.app.clearinghouse import NewReferral, ReferralView
from workstation.app.wording import word
from workstation.core.jobs import JobControl
from workstation.core.people import Duty
from workstation.core.referrals import (
    LimitedReferral,
    ReceiptStanding,
    Referral,
    ReferralKind,
    ReferralState,
    ReferralText,
)
from workstation.core.signing_cards import wipe_typed
from workstation.core.values import FindingId, PersonId, ReferralId

_LIMITED = "It exists; only the people named on it may read it."
_Entry = ReferralView | LimitedReferral


class ReferralsPresenter(CasePart):
    """Shows, drafts, signs. Nothing typed is lost: the form is a draft until it is recorded."""

    def __init__(self, view: ReferralsView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view
        self._found: dict[ReferralId, _Entry] = {}
        self._at: ReferralId | None = None
        self._writing = False

    def show(self, view: queries.CaseView) -> None:
        """Read the referrals and keep the place."""
        super().show(view)
        found = clearinghouse.of_case(self.desk.here, view.row.case_id)
        self._found = {_id_of(one): one for one in found}
        self._page.show_rows([_line(one) for one in found], _about(found), may_draft=self._may_draft)
        self._page.show_offers(self._offers())
        if self._at not in self._found:
            self._at = None
        if self._writing or (self._at is None and self.draft("referral") and self._may_draft):
            self.begin()
        elif self._found:
            self.choose(self._at or next(iter(self._found)))
        else:
            self._page.show_nothing(self._nothing())

    @property
    def _may_draft(self) -> bool:
        return bool({Duty.REFER, Duty.DRAFT_ENFORCEMENT} & self.case.allowed)

    def _nothing(self) -> str:
        if self._may_draft:
            return (
                "No referral is drafted. Once a finding is validated, press \u201cDraft a referral\u201d "
                "to pass it on."
            )
        return "No referral is drafted. Reviewers draft referrals."

    def _offers(self) -> Offers:
        found = findings.of_case(self.desk.here, self.case_id)
        named = tuple(
            (one.finding_id, f"{one.finding_id}: {one.text.title}", str(one.kind))
            for one in found
            if one.is_referable
        )
        counsel = tuple((p.person_id, p.display_name) for p in clearinghouse.counsel(self.desk.here))
        return Offers(
            findings=named,
            counsel=counsel,
            kinds=tuple((str(kind), word("referral-kind", kind)) for kind in ReferralKind),
        )

    # --- writing one -------------------------------------------------------------------------------

    def begin(self) -> None:
        """The form, as it was left."""
        self._writing, self._at = True, None
        kept = dict(self.draft("referral"))
        fields = ReferralFields.of_draft(kept)
        if not fields.marking:
            fields = replace(fields, marking=self.case.row.marking)
        self._page.show_form(fields, is_draft=bool(kept))

    def leave_form(self) -> None:
        """Back to the list; what was typed stays as a draft."""
        self._writing = False
        first = next(iter(self._found), None)
        if first is None:
            self._page.show_nothing(self._nothing())
        else:
            self.choose(first)

    def type_referral(self, fields: ReferralFields) -> None:
        """Keep what is typed."""
        untouched = replace(fields, marking="", counsel="", answer_days="") == replace(
            ReferralFields(), marking="", counsel="", answer_days=""
        )
        self.typed("referral", {} if untouched else asdict(fields))

    def save(self, fields: ReferralFields) -> None:
        """Record the draft as a referral."""
        made: list[Referral] = []
        kind = ReferralKind(fields.kind)
        limited = kind is ReferralKind.ENFORCEMENT

        def record() -> None:
            text = ReferralText(
                title=fields.title.strip(),
                recipient=fields.recipient.strip(),
                summary=fields.summary.strip(),
                portion_marking=fields.portion.strip(),
                marking=fields.marking.strip(),
                statutes=lines(fields.statutes) if limited else (),
                answer_days=int(fields.answer_days) if fields.answer_days.isdecimal() else 0,
            )
            new = NewReferral(
                kind=kind,
                text=text,
                finding_ids=() if limited else tuple(map(FindingId, lines(fields.findings))),
                counsel=PersonId(fields.counsel) if limited and fields.counsel else None,
            )
            made.append(clearinghouse.draft(self.desk.here, self.case_id, new))

        if self.desk.attempt(record):
            self.typed("referral", {})
            self._writing, self._at = False, made[0].referral_id
            self.changed()
            self._page.go_to(list(self._found).index(made[0].referral_id))
            self.desk.notices.tell(
                "Drafted. Counsel signs it off next." if limited else "Drafted. Sign the memo next."
            )

    # --- one of them -------------------------------------------------------------------------------

    def choose(self, referral_id: ReferralId) -> None:
        """Show one referral; the first reading of a limited one is recorded."""
        entry = self._found.get(referral_id)
        if entry is None:
            return
        self._writing, self._at = False, referral_id
        if isinstance(entry, LimitedReferral):
            self._page.show_nothing(f"{referral_id}: enforcement referral. {_LIMITED}")
            return
        view = clearinghouse.view(self.desk.here, referral_id)
        one = view.referral
        names = {who: person.display_name for who, person in self.case.people.items()}
        self._page.show_referral(
            ReferralShown(
                referral_id=referral_id,
                title=f"{referral_id}: {one.text.title}",
                facts=self._facts(view),
                history=tuple(
                    (
                        self.desk.dates.moment(change.at),
                        names[change.by],
                        word("referral-act", change.act),
                        names.get(PersonId(change.reason), change.reason),
                    )
                    for change in one.history
                ),
                acts=self._acts(view),
                recipient=one.text.recipient,
                received_on=self.desk.here.today(),
                people=tuple(
                    (who, f"{p.display_name}, {word('role', p.role)}")
                    for who, p in self.case.people.items()
                    if p.active and who not in one.readers
                ),
                sign_words="Sign off as counsel" if one.is_limited else "Sign the memo as reviewer",
            )
        )

    def _facts(self, view: ReferralView) -> Pairs:
        one, dates = view.referral, self.desk.dates
        pairs = [
            ("State", word("referral-state", one.state)),
            ("Kind", word("referral-kind", one.kind)),
            ("Marking", one.text.marking),
            ("Recipient", one.text.recipient),
            ("Summary", f"{one.text.portion_marking} {one.text.summary}"),
        ]
        if one.finding_ids:
            pairs.append(("Findings", ", ".join(one.finding_ids)))
        if one.is_limited:
            pairs += [("Law", "; ".join(one.text.statutes)), ("Read by", ", ".join(view.can_read))]
        if view.export:
            pairs.append(("Export", f"{view.export.export_id}: {word('export-state', view.export.state)}"))
        receipt = word("receipt-standing", view.standing)
        if one.receipt:
            receipt += f" {dates.day(one.receipt.received_on)} under {one.receipt.reference}"
        elif view.due_on:
            receipt += f", due {dates.day(view.due_on)}"
        pairs.append(("Receipt", receipt))
        return tuple(pairs)

    def _acts(self, view: ReferralView) -> frozenset[str]:
        one, may, me = view.referral, self.case.allowed, self.desk.here.person.person_id
        drafting = Duty.DRAFT_ENFORCEMENT if one.is_limited else Duty.REFER
        acts: set[str] = set()
        if one.state is ReferralState.DRAFT:
            acts.add("preview")
            signs = (
                me == one.counsel and Duty.SIGN_OFF_ENFORCEMENT in may
                if one.is_limited
                else Duty.CERTIFY_REPORT in may
            )
            if signs:
                acts.add("sign")
        if one.state in {ReferralState.SIGNED, ReferralState.SENT} and Duty.REQUEST_EXPORT in may:
            acts.add("request")
        if one.state is ReferralState.SENT and drafting in may:
            acts.add("receipt")
        if one.state in {ReferralState.DRAFT, ReferralState.SIGNED} and drafting in may:
            acts.add("withdraw")
        if one.is_limited and me in {one.drafted_by, one.counsel}:
            acts.add("name-reader")
        return frozenset(acts)

    def act(self, work: Callable[[], object], told: str = "") -> bool:
        """Do something short with the chosen referral, read again, and say that it was done."""
        return self._at is not None and super().act(work, told)

    @property
    def _chosen(self) -> ReferralId:
        return self._at or ReferralId("")

    def request(self, recipient: str) -> None:
        """Ask the security officer to release it."""
        entry = self._found.get(self._chosen)
        if isinstance(entry, ReferralView) and entry.referral.report_id is not None:
            report_id = entry.referral.report_id
            self.act(
                lambda: exporting.request(self.desk.here, report_id, recipient=recipient),
                "Requested. The security officer sees it under Releases.",
            )

    def acknowledge(self, reference: str, received_on: date) -> None:
        """The recipient said under which reference it has it."""
        self.act(
            lambda: clearinghouse.acknowledge(
                self.desk.here, self._chosen, reference=reference, received_on=received_on
            ),
            "Receipt recorded.",
        )

    def withdraw(self, reason: str) -> None:
        """It will not leave."""
        self.act(lambda: clearinghouse.withdraw(self.desk.here, self._chosen, reason=reason), "Withdrawn.")

    def name_reader(self, person_id: str) -> None:
        """Let one more person read it."""
        self.act(
            lambda: clearinghouse.name_reader(self.desk.here, self._chosen, PersonId(person_id)),
            "Named. The person may read this referral from now on.",
        )

    # --- long work ---------------------------------------------------------------------------------

    def preview(self) -> None:
        """The memo as it would be signed now."""
        session, chosen = self.desk.here, self._chosen
        self._begin_long()

        def done(pdf: bytes) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self._page.show_pdf(pdf)

        self.desk.jobs.start(
            lambda _job: clearinghouse.preview(session, chosen), done=done, failed=self._failed(session)
        )

    def sign(self, secret: bytearray) -> None:
        """Compose, sign, keep; the passphrase is asked for each signature."""
        session, chosen = self.desk.here, self._chosen
        self._begin_long()

        def work(job: JobControl) -> Referral:
            try:
                return clearinghouse.sign(session, chosen, secret, job)
            finally:
                wipe_typed(secret)

        def done(referral: Referral) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self.changed()
                self.desk.notices.tell(f"{referral.referral_id} is signed. Request its export next.")

        self.desk.jobs.start(work, done=done, failed=self._failed(session))

    def _begin_long(self) -> None:
        self._page.set_busy(busy=True)
        self.desk.notices.dismiss()

    def _failed(self, session: object) -> Callable[[BaseException], None]:
        def failed(error: BaseException) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self.desk.failed(error)

        return failed


def _id_of(one: _Entry) -> ReferralId:
    return one.referral_id if isinstance(one, LimitedReferral) else one.referral.referral_id


def _about(found: Sequence[_Entry]) -> str:
    standings = [one.standing for one in found if isinstance(one, ReferralView)]
    overdue = standings.count(ReceiptStanding.OVERDUE)
    waiting = standings.count(ReceiptStanding.OUTSTANDING)
    return f"{len(found)} drafted or sent; {waiting} receipts outstanding, {overdue} overdue."


def _line(one: _Entry) -> ReferralLine:
    if isinstance(one, LimitedReferral):
        kind = word("referral-kind", ReferralKind.ENFORCEMENT)
        return ReferralLine(referral_id=one.referral_id, kind=kind, state="Named people only", receipt="-")
    return ReferralLine(
        referral_id=one.referral.referral_id,
        kind=word("referral-kind", one.referral.kind),
        state=word("referral-state", one.referral.state),
        receipt=word("receipt-standing", one.standing),
    )
