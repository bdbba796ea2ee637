"""Consent, first run and unlocking, without widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from ui.desk import Desk
from workstation.app.wording import moment, sentence, visible
from workstation.core.people import PassphrasesDiffer, Role

if TYPE_CHECKING:  # the window is drawn before any of these is loaded; the jobs wait for them
    from workstation.app.services import Session
    from workstation.core.cards import CardToken
    from workstation.core.jobs import JobControl
    from workstation.core.recovery import RecoveryFacts
    from workstation.core.vault import CardCredential, VaultStatus


class BusyView(Protocol):
    """What both pages offer."""

    def set_busy(self, *, busy: bool) -> None:
        """While the passphrase is being worked on."""

    def focus_first(self) -> None:
        """Where the keyboard begins."""


class UnlockView(BusyView, Protocol):
    """The unlock page."""

    def show_state(self, text: str) -> None:
        """What can be said about the locked vault."""

    def offer(self, *, cards: bool, passphrase_beside: bool, recovery: bool) -> None:
        """Which ways there are."""

    def show_cards(self, cards: tuple[tuple[str, str], ...]) -> None:
        """The cards that are inserted."""


class UnlockPresenter:
    """Unlocks in a job: the passphrase costs most of a second on purpose, and a card may block."""

    def __init__(self, view: UnlockView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Say how the vault stands, without saying anything of its content.

        It is looked up off the window's thread: just after the start, what reads it is still being loaded.
        """
        services = self._desk.services
        look = lambda: services.vaults.status()  # noqa: E731, PLW0108 - even ``vaults`` is loaded where it is read
        self._desk.reads.read("vault", look, done=self._stands, failed=self._desk.failed)

    def _stands(self, status: VaultStatus) -> None:
        text = (
            f"Vault {status.vault_id}, locked." if status.vault_id else "The vault's header cannot be read."
        )
        if status.back_off_until is not None:
            text += f" After wrong attempts it answers again at {moment(status.back_off_until)}."
        self._view.show_state(text)
        self._view.offer(
            cards=bool(self._desk.settings.pkcs11_module or status.card_slots),
            passphrase_beside=bool(status.card_slots_with_passphrase),
            recovery=status.recovery is not None,
        )

    def look_for_cards(self) -> None:
        """List the cards in the readers."""
        self._desk.notices.dismiss()

        def failed(error: BaseException) -> None:
            self._view.show_cards(())
            self._desk.failed(error)

        services = self._desk.services

        def work(_job: JobControl) -> tuple[tuple[str, str], ...]:
            from workstation.app import cards  # noqa: PLC0415 - the window is drawn before it is loaded

            return card_words(cards.inserted(services))

        self._desk.jobs.start(work, done=self._view.show_cards, failed=failed)

    def unlock(self, login_name: str, passphrase: bytearray) -> None:
        """Unlock for one person."""
        services = self._desk.services

        def work(_job: JobControl) -> Session:
            from workstation.app import session as sessions  # noqa: PLC0415 - the window is drawn before it is loaded

            try:
                return sessions.unlock(services, login_name=login_name, passphrase=passphrase)
            finally:
                passphrase[:] = bytes(len(passphrase))

        self._begin(work)

    def unlock_by_card(self, login_name: str, typed: CardCredential) -> None:
        """Unlock for one person by their card."""
        services = self._desk.services

        def work(_job: JobControl) -> Session:
            from workstation.app import session as sessions  # noqa: PLC0415 - the window is drawn before it is loaded

            try:
                return sessions.unlock_by_card(services, login_name=login_name, credential=typed)
            finally:
                typed.wipe()

        self._begin(work)

    def _begin(self, work: Callable[[JobControl], Session]) -> None:
        self._desk.notices.dismiss()
        self._view.set_busy(busy=True)

        def done(session: Session) -> None:
            self._view.set_busy(busy=False)
            from workstation.app import session as sessions  # noqa: PLC0415 - loaded by the job

            self._desk.routes.unlocked(session)
            for warning in sessions.warnings(session):
                self._desk.notices.explain(warning)

        def failed(error: BaseException) -> None:
            self._view.set_busy(busy=False)
            self._desk.failed(error)
            self.refresh()
            self._view.focus_first()

        self._desk.jobs.start(work, done=done, failed=failed)


def card_words(tokens: Sequence[CardToken]) -> tuple[tuple[str, str], ...]:
    """Serial number and words of each card; its own label is from outside."""
    return tuple(
        (token.serial, " ".join(part for part in (visible(token.untrusted_label), token.serial) if part))
        for token in tokens
    )


class RecoverView(BusyView, Protocol):
    """The page on which officers' keys are typed."""

    def ask_for(self, facts: RecoveryFacts | None) -> None:
        """How many keys, and of which set."""


class RecoverPresenter:
    """Gets one custodian back in by officers' keys."""

    def __init__(self, view: RecoverView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Ask for as many keys as are needed."""
        from workstation.app import recovering  # noqa: PLC0415 - the window is drawn before it is loaded

        self._view.ask_for(recovering.in_force(self._desk.services))

    def recover(self, login_name: str, texts: list[str], first: bytearray, again: bytearray) -> None:
        """Open by the keys, and give the custodian the new passphrase."""
        self._desk.notices.dismiss()
        if first != again:
            self._desk.notices.explain(PassphrasesDiffer())
            return
        again[:] = bytes(len(again))
        self._view.set_busy(busy=True)
        services = self._desk.services

        def work(_job: JobControl) -> Session:
            from workstation.app import recovering  # noqa: PLC0415 - the window is drawn before it is loaded

            try:
                keys = recovering.keys_from(services, texts)
                return recovering.recover(services, login_name=login_name, keys=keys, passphrase=first)
            finally:
                first[:] = bytes(len(first))

        def done(session: Session) -> None:
            self._view.set_busy(busy=False)
            self._desk.routes.unlocked(session)
            self._desk.routes.show_page("vault")
            self._desk.notices.tell(sentence("recovery", "used-window"))

        def failed(error: BaseException) -> None:
            self._view.set_busy(busy=False)
            self._desk.failed(error)
            self._view.focus_first()

        self._desk.jobs.start(work, done=done, failed=failed)


class SetUpPresenter:
    """Creates the vault and its custodian."""

    def __init__(self, view: BusyView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def create(self, fields: dict[str, str], first: bytearray, again: bytearray) -> None:
        """Check the two passphrases against each other, then create in a job."""
        self._desk.notices.dismiss()
        if first != again:
            self._desk.notices.explain(PassphrasesDiffer())
            return
        again[:] = bytes(len(again))
        self._view.set_busy(busy=True)
        from workstation.app import administering  # noqa: PLC0415 - the window is drawn before it is loaded

        custodian = administering.NewPerson(
            login_name=fields["login_name"],
            staff_number=fields["staff_number"],
            display_name=fields["display_name"],
            role=Role.CUSTODIAN,
        )

        def work(_job: JobControl) -> Session:
            try:
                return administering.first_run(
                    self._desk.services, office=fields["office"], custodian=custodian, passphrase=first
                )
            finally:
                first[:] = bytes(len(first))

        def done(session: Session) -> None:
            self._view.set_busy(busy=False)
            self._desk.routes.unlocked(session)

        def failed(error: BaseException) -> None:
            self._view.set_busy(busy=False)
            self._desk.failed(error)
            self._view.focus_first()

        self._desk.jobs.start(work, done=done, failed=failed)
