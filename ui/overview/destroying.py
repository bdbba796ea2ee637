"""The card that ends a case for good: what it holds, who asked, and the act of the second person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets import basics

_ABOUT = (
    "Asked for by the lead reviewer or the determination official, carried out by the security officer or "
    "the custodian, and never taken back. Key, files, answers and findings go; tombstone, certificate and "
    "trail stay."
)


@dataclass(frozen=True, kw_only=True)
class DestroyOffer:
    """What the card shows; ``facts`` are there once somebody asked to see what the case holds."""

    shown: bool
    standing: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    may_ask: bool = False
    may_take_back: bool = False
    may_carry_out: bool = False


class DestroyCardView(Protocol):
    """The card as the presenter sees it."""

    def offer(self, offer: DestroyOffer) -> None:
        """Show it."""

    def set_busy(self, *, busy: bool) -> None:
        """While it counts or destroys."""

    def restore(self, kept: Mapping[str, str]) -> None:
        """What was typed before a lock."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


@dataclass(frozen=True)
class _Acts:
    look: QWidget
    ask: QWidget
    back: QWidget
    end: QWidget
    all: tuple[QWidget, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "all", (self.look, self.ask, self.back, self.end))


class DestroyCard(QWidget):
    """Hidden where the person has no part in it."""

    looked = Signal()
    asked = Signal(str)
    taken_back = Signal(str)
    ended = Signal(object)
    typed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._standing, self._facts = basics.label(""), basics.Facts()
        self._reason, self._secret = basics.line(), basics.line(secret=True)
        self._reason.textEdited.connect(lambda text: self.typed.emit({"reason": text} if text else {}))
        self._reasons = basics.form((("Reason for the destruction", self._reason),))
        self._secrets = basics.form((("Your passphrase", self._secret),))
        self._acts = _Acts(
            basics.button("Show what the case holds", self.looked.emit),
            basics.button("Ask for the destruction", lambda: self.asked.emit(self._typed())),
            basics.button("Take the request back", lambda: self.taken_back.emit(self._typed())),
            basics.button("Destroy this case now", lambda: self.ended.emit(basics.take_secret(self._secret))),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                basics.label("Destruction", "section"),
                basics.label(_ABOUT, "muted"),
                self._standing,
                self._facts,
                self._reasons,
                self._secrets,
                *(basics.row(act) for act in self._acts.all),
            )
        )
        self.hide()

    def _typed(self) -> str:
        return self._reason.text().strip()

    def offer(self, offer: DestroyOffer) -> None:
        """Show it."""
        self.setVisible(offer.shown)
        basics.set_text(self._standing, offer.standing)
        self._standing.setVisible(bool(offer.standing))
        self._facts.show_pairs(offer.facts)
        self._facts.setVisible(bool(offer.facts))
        self._reasons.setVisible(offer.may_ask or offer.may_take_back)
        self._secrets.setVisible(offer.may_carry_out)
        wanted = (not offer.facts, offer.may_ask, offer.may_take_back, offer.may_carry_out)
        for act, is_shown in zip(self._acts.all, wanted, strict=True):
            act.setVisible(is_shown)

    def set_busy(self, *, busy: bool) -> None:
        """While it counts or destroys."""
        self.setEnabled(not busy)

    def restore(self, kept: Mapping[str, str]) -> None:
        """What was typed before a lock."""
        if kept and not self._reason.text():
            self._reason.setText(kept.get("reason", ""))

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        self._reason.clear()
