"""What the referrals' page shows and hands back: values, and the page as its presenter sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ui.shown import Drafted, HistoryLine, Pairs
from workstation.core.referrals import ANSWER_DAYS, ReferralKind
from workstation.core.values import ReferralId


@dataclass(frozen=True, kw_only=True)
class ReferralFields(Drafted):
    """What the form holds. ``findings`` are identifiers, one a line; so are ``statutes``."""

    kind: str = str(ReferralKind.FLAW)
    title: str = ""
    recipient: str = ""
    summary: str = ""
    portion: str = "(U)"
    marking: str = ""
    findings: str = ""
    statutes: str = ""
    counsel: str = ""
    answer_days: str = str(ANSWER_DAYS)


@dataclass(frozen=True, kw_only=True)
class ReferralShown:
    """One referral in the panel; ``acts`` names what this person can do with it now."""

    referral_id: ReferralId
    title: str
    facts: Pairs
    history: tuple[HistoryLine, ...]
    acts: frozenset[str]
    recipient: str
    received_on: date
    people: tuple[tuple[str, str], ...]  # who can be named as a reader
    sign_words: str


@dataclass(frozen=True, kw_only=True)
class ReferralLine:
    """One line of the list."""

    referral_id: ReferralId
    kind: str
    state: str
    receipt: str


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What the form can choose from."""

    findings: tuple[tuple[str, str, str], ...]  # identifier, words, kind of referral it fits
    counsel: tuple[tuple[str, str], ...]
    kinds: tuple[tuple[str, str], ...]


class ReferralsView(Protocol):
    """The page as the presenter sees it."""

    def show_rows(self, rows: Sequence[ReferralLine], about: str, *, may_draft: bool) -> None:
        """The list."""

    def show_offers(self, offers: Offers) -> None:
        """What the form can choose from."""

    def show_referral(self, shown: ReferralShown) -> None:
        """One referral in the panel."""

    def show_form(self, fields: ReferralFields, *, is_draft: bool) -> None:
        """The form for a new one in the panel."""

    def show_nothing(self, words: str) -> None:
        """An empty panel that says what to do next."""

    def show_pdf(self, pdf: bytes) -> None:
        """The memo as pages."""

    def set_busy(self, *, busy: bool) -> None:
        """While a memo is being made."""

    def go_to(self, number: int) -> None:
        """A referral by its place in the list."""
