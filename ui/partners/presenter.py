"""Trusted partners of a case, without widgets: nominations, both sides' consent, access, release."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import partners, queries
from workstation.app.wording import sentence
from workstation.core.cases import OVER, CaseState, CaseType
from workstation.core.determinations import Conclusion
from workstation.core.partners import Consent, Partner, Side
from workstation.core.people import Duty


@dataclass(frozen=True, kw_only=True)
class PartnerFields:
    """What was chosen and typed; only the fields of the act count."""

    act: str
    number: int
    name: str
    sector: str
    side: str
    given_by: str
    reference: str
    day: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What the tab shows."""

    words: str
    partners: tuple[Partner, ...]
    acts: tuple[str, ...]
    day: date


class PartnersView(Protocol):
    """The tab as the presenter sees it."""

    def show_selection(self, selection: Selection) -> None:
        """The nominations and what can be done about them."""

    def restore(self, kept: Mapping[str, str]) -> None:
        """What was typed before a lock or a crash."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


class PartnersPresenter(CasePart):
    """Records what both sides agree on; neither can select alone."""

    def __init__(self, view: PartnersView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view

    def show(self, view: queries.CaseView) -> None:
        """Everything anew: the list is short."""
        super().show(view)
        case = view.case
        today = self.desk.here.today()
        self._page.show_selection(
            Selection(words=_words(view), partners=case.partners, acts=_acts(view), day=today)
        )
        self._page.restore(self.draft("partner"))

    def keep(self, fields: Mapping[str, str]) -> None:
        """Keep what was typed and not recorded."""
        self.typed("partner", fields)

    def record(self, fields: PartnerFields) -> None:
        """Record what was chosen."""
        here, case_id, number = self.desk.here, self.case_id, fields.number
        acts: Mapping[str, Callable[[], object]] = {
            "nominate": lambda: partners.nominate(
                here,
                case_id,
                name=fields.name,
                sector=fields.sector,
                nominated_by=Side(fields.side),
                nominated_on=fields.day,
            ),
            "consent": lambda: partners.record_consent(
                here,
                case_id,
                number,
                Side(fields.side),
                given_by=fields.given_by,
                given_on=fields.day,
                reference=fields.reference,
            ),
            "access": lambda: partners.plan_access(here, case_id, number, early_access_on=fields.day),
            "release": lambda: partners.record_release(here, case_id, number, released_on=fields.day),
            "withdraw": lambda: partners.withdraw(here, case_id, number, reason=fields.reason),
        }
        if self.act(acts[fields.act], "Recorded."):
            self.typed("partner", {})
            self._page.forget_typed()


def _words(view: queries.CaseView) -> str:
    if view.case.case_type is not CaseType.PRE_RELEASE_ACCESS:
        return sentence("partner", "inquiry")
    if not view.case.partners:
        return sentence("partner", "nobody")
    return sentence("partner", "joint")


def _acts(view: queries.CaseView) -> tuple[str, ...]:
    """Which acts the person can take now."""
    case = view.case
    is_open = case.case_type is CaseType.PRE_RELEASE_ACCESS and case.state not in OVER
    if Duty.SELECT_PARTNERS not in view.allowed or not is_open:
        return ()
    standing = any(not partner.withdrawn_reason for partner in case.partners)
    selected = any(partner.is_selected for partner in case.partners)
    in_force = case.determination
    covered = case.state is CaseState.DETERMINED and in_force is not None
    covered = covered and in_force is not None and in_force.conclusion is Conclusion.COVERED
    offered = {
        "nominate": True,
        "consent": standing,
        "access": selected,
        "release": selected and covered,
        "withdraw": standing,
    }
    return tuple(act for act, on_offer in offered.items() if on_offer)


def consent_words(consent: Consent | None, day: Callable[[date], str]) -> str:
    """One side's consent in a cell."""
    return f"{day(consent.given_on)}, {consent.reference}" if consent else "not on record"


def standing_words(partner: Partner) -> str:
    """Where one nomination stands, in a cell."""
    if partner.withdrawn_reason:
        return f"withdrawn: {partner.withdrawn_reason}"
    if partner.released_on:
        return "released"
    return "selected by both sides" if partner.is_selected else "nominated"
