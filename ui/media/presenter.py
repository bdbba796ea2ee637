"""Media and recipients, without widgets: the lists that releases go by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ui.desk import Desk
from workstation.app import queries, release_lists
from workstation.app.wording import size
from workstation.core.media import Medium
from workstation.core.people import APPOINTED, Duty, Person
from workstation.core.release_control import (
    ListedMedium,
    Recipient,
    RecipientKeyInvalid,
    ReleasePolicy,
)
from workstation.core.values import PersonId

_KEY_LIMIT_BYTES = 16 << 10


@dataclass(frozen=True, kw_only=True)
class ListsShown:
    """The lists as they stand, and what the person at the desk may do with them."""

    media: tuple[ListedMedium, ...]
    recipients: tuple[Recipient, ...]
    policy: ReleasePolicy
    names: dict[PersonId, str]
    may_keep: bool
    may_confirm: bool


class MediaView(Protocol):
    """The page as the presenter sees it."""

    def show_lists(self, shown: ListsShown) -> None:
        """The lists."""

    def show_plugged(self, media: Sequence[tuple[str, str]], chosen: str) -> None:
        """What could be listed now: key and words."""

    def forget_typed(self) -> None:
        """What was typed has been recorded."""


class MediaPresenter:
    """Keeps the lists; the rules and the unit of work decide who may."""

    def __init__(self, view: MediaView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._folders: dict[str, Medium] = {}
        self._media: dict[str, Medium] = {}

    def refresh(self) -> None:
        """Read the lists, look for media."""
        session = self._desk.here
        with session.look() as work:
            media, recipients = release_lists.media(work), release_lists.recipients(work)
            policy = release_lists.policy(work)
        role = session.person.role
        self._view.show_lists(
            ListsShown(
                media=media,
                recipients=recipients,
                policy=policy,
                names={person.person_id: person.display_name for person in self._people()},
                may_keep=role in APPOINTED[Duty.KEEP_RELEASE_LISTS],
                may_confirm=role in APPOINTED[Duty.CONFIRM_RECIPIENT],
            )
        )
        self.look_for_media()

    def _people(self) -> Sequence[Person]:
        return queries.people(self._desk.here)

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def look_for_media(self, chosen: str = "") -> None:
        """What is plugged in now, and folders that stand for a medium."""
        session = self._desk.here
        plugged = (*self._folders.values(), *session.services.media.list_media())
        self._media = {medium.medium_id: medium for medium in plugged}
        offered = [
            (medium.medium_id, _words(medium, entry))
            for medium, entry in release_lists.names_of(session, plugged)
        ]
        self._view.show_plugged(offered, chosen)

    def use_folder(self, folder: Path) -> None:
        """A folder that stands for the medium."""
        media = self._desk.here.services.media

        def add(medium: Medium) -> None:
            self._folders[medium.medium_id] = medium
            self.look_for_media(medium.medium_id)

        self._desk.attempt(lambda: media.folder_medium(str(folder)), add)

    def add_medium(self, medium_id: str, name: str, marking: str) -> None:
        """Put what is plugged in on the list."""
        medium = self._media.get(medium_id)
        if medium is not None:
            session = self._desk.here
            self._do(
                lambda: release_lists.add_medium(session, medium, name=name, marking=marking),
                f"{name} is on the list. Put its name and marking on the label.",
            )

    def withdraw_medium(self, name: str, reason: str) -> None:
        """Take one out of use."""
        session = self._desk.here
        self._do(
            lambda: release_lists.withdraw_medium(session, name, reason=reason), f"{name} is out of use."
        )

    def add_recipient(self, name: str, file: Path) -> None:
        """Put a public key on the list."""
        session = self._desk.here

        def act() -> object:
            try:
                with file.open("rb") as key:
                    pem = key.read(_KEY_LIMIT_BYTES)
            except OSError as problem:
                raise RecipientKeyInvalid from problem
            return release_lists.add_recipient(session, name=name, key_pem=pem)

        self._do(act, f"{name} is on the list. The security officer confirms the fingerprint next.")

    def confirm(self, name: str, fingerprint: str) -> None:
        """The fingerprint as the recipient read it out."""
        session = self._desk.here
        self._do(
            lambda: release_lists.confirm_recipient(session, name, fingerprint=fingerprint),
            f"{name}'s key is confirmed. Exports can be sealed to it.",
        )

    def withdraw_recipient(self, name: str) -> None:
        """Seal to this one no more."""
        session = self._desk.here
        self._do(
            lambda: release_lists.withdraw_recipient(session, name), f"Nothing is sealed to {name} any more."
        )

    def set_policy(self, policy: ReleasePolicy) -> None:
        """What every release must be."""
        session = self._desk.here
        self._do(lambda: release_lists.set_policy(session, policy), "Every release from now on goes by this.")

    def _do(self, act: Callable[[], object], told: str) -> None:
        if self._desk.attempt(act):
            self._view.forget_typed()
            self.refresh()
            self._desk.notices.tell(told)


def _words(medium: Medium, entry: ListedMedium | None) -> str:
    label = medium.untrusted_label or medium.folder
    stands = f"on the list as {entry.name}" if entry else "not on the list"
    kept = "encrypted" if medium.encrypted else "not encrypted"
    return ", ".join((label, medium.file_system or str(medium.kind), size(medium.total_bytes), kept, stands))
