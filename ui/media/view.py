"""Media and recipients on screen: media on the left, recipients on the right, what is demanded below."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.media.presenter import ListsShown, MediaPresenter
from ui.page import Page, Room
from ui.widgets import basics, choosing
from ui.widgets.marking_field import MarkingField
from ui.widgets.tables import Table
from workstation.core.release_control import ListedMedium, Recipient, ReleasePolicy

_ABOUT = (
    "The security officer releases to media on this list only. A custodian keeps it, and puts name and "
    "marking on the label of each medium."
)
_SEALED = (
    "An export sealed to a recipient opens with that recipient's private key only. A key counts once the "
    "security officer has had its fingerprint read out by another channel than the key came by."
)
_READ_OUT = "As the recipient reads it out: 96 digits and letters; blanks do not count"


class MediaPage(Page):
    """The lists, and the forms of those who keep them."""

    looked = Signal()
    folder_chosen = Signal(object)
    medium_added = Signal(str, str, str)
    medium_withdrawn = Signal(str, str)
    recipient_added = Signal(str, object)
    recipient_confirmed = Signal(str, str)
    recipient_withdrawn = Signal(str)
    policy_set = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._dates = desk.dates
        self._names: dict[str, str] = {}
        self._media, self._recipients = self._media_table(), self._recipients_table()
        self._list_card, self._withdraw_card = self._listing(desk), self._withdrawing()
        self._key_card, self._confirm_card = self._adding_key(), self._confirming()
        self._policy_card = self._demanding()
        self._left = basics.column(
            basics.label(_ABOUT, "muted"), self._media, self._list_card, self._withdraw_card, stretch=True
        )
        self._right = basics.column(
            basics.label(_SEALED, "muted"),
            self._recipients,
            self._confirm_card,
            self._key_card,
            self._policy_card,
            stretch=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Media and recipients", "title"))
        layout.addWidget(basics.scrolling(basics.Columns((self._left, 1), (self._right, 1))), 1)

    def _media_table(self) -> Table[ListedMedium]:
        return Table(
            "Media of this office",
            (
                ("Name", lambda row: row.name),
                ("Marking", lambda row: row.marking),
                ("Stands", _medium_stands),
                (
                    "Listed",
                    lambda row: f"{self._dates.day(row.listed_at.date())} by {self._who(row.listed_by)}",
                    lambda row: row.listed_at,
                ),
            ),
            rows=6,
            stretch=1,
        )

    def _recipients_table(self) -> Table[Recipient]:
        return Table(
            "Recipients",
            (
                ("Name", lambda row: row.name),
                ("Stands", _stands),
                ("Added by", lambda row: self._who(row.added_by)),
                ("Fingerprint (SHA-384)", lambda row: row.fingerprint),
            ),
            rows=6,
            stretch=3,
        )

    def _who(self, person_id: str) -> str:
        return self._names.get(person_id, "-")

    def _listing(self, desk: Desk) -> QFrame:
        self._plugged = basics.choice(())
        self._about_plugged = basics.label("", "muted")
        self._plugged.currentIndexChanged.connect(lambda _index: self._tell_plugged())
        self._name = basics.line("As on its label, for example M-017")
        self._marking = MarkingField(lambda: desk.services.markings.vocabulary, "Banner")
        rows = basics.form(
            (("Medium", self._plugged), ("Name", self._name), ("Marking", self._marking)),
        )
        self._put = basics.button("Put it on the list", self._press_list, primary=True)
        self._marking.returnPressed.connect(self._press_list)
        again = basics.button("Look again", self.looked.emit)
        folder = basics.button("Use a folder", self._choose_folder)
        return basics.card(
            basics.label("Put a medium on the list", "section"),
            rows,
            self._about_plugged,
            basics.row(self._put, again, folder),
        )

    def _withdrawing(self) -> QFrame:
        self._leaving, self._why = basics.choice(()), basics.line("Lost, worn out, destroyed")
        rows = basics.form((("Medium in use", self._leaving), ("Reason", self._why)))
        out = basics.button("Take it out of use", self._press_withdraw)
        return basics.card(basics.label("Take a medium out of use", "section"), rows, basics.row(out))

    def _adding_key(self) -> QFrame:
        self._recipient = basics.line("Person or office")
        pick = basics.button("Choose the public key file…", self._choose_key)
        self._known = basics.choice(())
        away = basics.button("Seal to this recipient no more", self._press_away)
        return basics.card(
            basics.label("Add or withdraw a recipient", "section"),
            basics.form((("Name of the recipient", self._recipient),)),
            basics.row(pick),
            basics.form((("Recipient in use", self._known),)),
            basics.row(away),
        )

    def _confirming(self) -> QFrame:
        self._waiting = basics.choice(())
        self._read_out = basics.line(_READ_OUT)
        yes = basics.button("Confirm the fingerprint", self._press_confirm, primary=True)
        self._read_out.returnPressed.connect(self._press_confirm)
        rows = basics.form((("Recipient", self._waiting), ("Fingerprint", self._read_out)))
        return basics.card(basics.label("Confirm a recipient's key", "section"), rows, basics.row(yes))

    def _demanding(self) -> QFrame:
        self._encrypted = QCheckBox("Write to encrypted media only")
        self._sealed = QCheckBox("Release sealed exports only")
        self._set = basics.button("Demand this of every release", self._press_policy)
        return basics.card(
            basics.label("What every release must be", "section"),
            self._encrypted,
            self._sealed,
            basics.row(self._set),
        )

    def show_lists(self, shown: ListsShown) -> None:
        """The lists, and the forms of what this person may do."""
        self._names = {str(one): name for one, name in shown.names.items()}
        self._media.show_rows(shown.media, keep=True)
        self._recipients.show_rows(shown.recipients, keep=True)
        used = [one for one in shown.recipients if one.withdrawn_at is None]
        self._leaving.offer([(m.name, m.name) for m in shown.media if m.withdrawn_at is None])
        self._known.offer([(one.name, one.name) for one in used])
        self._waiting.offer([(one.name, one.name) for one in used if one.confirmed_by is None])
        self._encrypted.setChecked(shown.policy.encrypted_media_only)
        self._sealed.setChecked(shown.policy.sealed_only)
        for part in (self._list_card, self._withdraw_card, self._key_card, self._set):
            part.setVisible(shown.may_keep)
        for box in (self._encrypted, self._sealed):
            box.setEnabled(shown.may_keep)
        self._confirm_card.setVisible(shown.may_confirm and self._waiting.count() > 0)
        self._withdraw_card.setEnabled(self._leaving.count() > 0)

    def show_plugged(self, media: Sequence[tuple[str, str]], chosen: str) -> None:
        """What could be listed now."""
        self._plugged.offer(media)
        if chosen:
            self._plugged.choose(chosen)
        self._put.setEnabled(bool(media))
        self._tell_plugged()

    def _tell_plugged(self) -> None:
        nothing = "No medium is plugged in. Plug one in and look again."
        basics.set_text(self._about_plugged, self._plugged.currentText() or nothing)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for field in (self._name, self._marking, self._why, self._recipient, self._read_out):
            field.clear()

    def focus_first(self) -> None:
        """The media."""
        self._media.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Media, recipients."""
        return (self._left, self._right)

    def _choose_folder(self) -> None:
        choosing.folder(self, "Folder that stands for the medium", self.folder_chosen.emit)

    def _choose_key(self) -> None:
        name = self._recipient.text().strip()
        choosing.file(self, "Public key of the recipient", lambda path: self._take_key(name, path))

    def _take_key(self, name: str, path: Path) -> None:
        self.recipient_added.emit(name, path)

    def _press_list(self) -> None:
        self.medium_added.emit(self._plugged.value, self._name.text().strip(), self._marking.text().strip())

    def _press_withdraw(self) -> None:
        self.medium_withdrawn.emit(self._leaving.value, self._why.text().strip())

    def _press_away(self) -> None:
        if self._known.value:
            self.recipient_withdrawn.emit(self._known.value)

    def _press_confirm(self) -> None:
        self.recipient_confirmed.emit(self._waiting.value, self._read_out.text())

    def _press_policy(self) -> None:
        wanted = ReleasePolicy(
            encrypted_media_only=self._encrypted.isChecked(), sealed_only=self._sealed.isChecked()
        )
        self.policy_set.emit(wanted)


def _medium_stands(row: ListedMedium) -> str:
    return "in use" if row.withdrawn_at is None else f"out of use: {row.withdrawn_for}"


def _stands(row: Recipient) -> str:
    if row.withdrawn_at is not None:
        return "out of use"
    return "confirmed" if row.confirmed_by is not None else "not confirmed yet"


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = MediaPage(desk)
    presenter = MediaPresenter(view, desk)
    view.looked.connect(presenter.look_for_media)
    view.folder_chosen.connect(presenter.use_folder)
    view.medium_added.connect(presenter.add_medium)
    view.medium_withdrawn.connect(presenter.withdraw_medium)
    view.recipient_added.connect(presenter.add_recipient)
    view.recipient_confirmed.connect(presenter.confirm)
    view.recipient_withdrawn.connect(presenter.withdraw_recipient)
    view.policy_set.connect(presenter.set_policy)
    return Room(view=view, presenter=presenter)
