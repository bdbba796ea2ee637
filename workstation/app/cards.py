"""Cards that open the vault: the person's own, enrolled, replaced and removed by themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from workstation.app.services import Services, Session
from workstation.core import events
from workstation.core.cards import CardAbsent, CardAmbiguous, CardNotEnrolled, CardToken
from workstation.core.errors import WorkstationError
from workstation.core.vault import CardCredential, SlotFacts
from workstation.core.vault_errors import CredentialsRefused, PassphraseNotConfirmed

_CARD = "card+"


def inserted(services: Services) -> tuple[CardToken, ...]:
    """The cards in the readers.

    Raises:
        CardModuleMissing, CardModuleRefused, CardModuleFailed, CardTimedOut, CardFailed.
    """
    return services.vaults.cards_inserted()


def is_gone(session: Session) -> bool:
    """Whether the card that opened the vault was taken out."""
    return session.services.vaults.card_is_gone(session.vault)


def own(session: Session) -> SlotFacts | None:
    """The card of the person at the desk."""
    return next((one for one in _cards(session) if one.person_id == session.person.person_id), None)


def has_passphrase(session: Session) -> bool:
    """Whether a passphrase alone, or with this machine's secret, lets the person in."""
    slots = session.services.vaults.slots(session.vault)
    mine = [one for one in slots if one.person_id == session.person.person_id]
    return any(not one.type.startswith(_CARD) for one in mine)


def everybodys(session: Session) -> tuple[tuple[str, SlotFacts], ...]:
    """Who has a card here: display name and card."""
    with session.look() as work:
        names = {str(person.person_id): person.display_name for person in work.people.all()}
    return tuple((names.get(one.person_id, one.person_id), one) for one in _cards(session))


def enrol(
    session: Session,
    *,
    present: bytearray,
    credential: CardCredential,
    keep_passphrase: bool,
    replaces: bool = False,
) -> SlotFacts:
    """Come in by a card from now on. ``present`` is what the person came in by: the passphrase, or the PIN.

    What falls away, the card before or the passphrase, is dropped and the vault gets a new key in the same
    act: it opens only copies made before.

    Raises:
        PassphraseNotConfirmed, BackOffActive: ``present`` is wrong.
        CardAlreadyEnrolled, CardNotEnrolled, CardNeedsPassphrase, CardKeyMissing, CardWithoutMechanism,
        KeyringUnusable, and every other CRD error of the card.
    """
    vaults, vault = session.services.vaults, session.vault
    act = "replace" if replaces else "enrol"
    with _written(session):
        serial = credential.serial or _only(inserted(session.services))
        facts = _begun(
            session,
            events.CardChangeBegun(act=act, card_serial=serial),
            lambda: vaults.enrol_card(
                vault,
                session.database,
                present=present,
                credential=credential,
                keep_passphrase=keep_passphrase,
                replaces=replaces,
            ),
        )
    with session.work() as work:
        work.record(
            events.CardEnrolled(
                card_serial=facts.card_serial,
                slot_type=facts.type,
                mechanism=facts.card_mechanism,
                replaced=replaces,
                passphrase_kept=has_passphrase(session),
                epoch=vault.epoch,
            )
        )
    return facts


def remove(session: Session, *, present: bytearray) -> SlotFacts:
    """Drop the own card; the vault gets a new key in the same act.

    Raises:
        CardNotEnrolled, LastWayIn, PassphraseNotConfirmed, BackOffActive, and the CRD errors of the card.
    """
    vaults, vault = session.services.vaults, session.vault
    with _written(session):
        card = own(session)
        if card is None:
            raise CardNotEnrolled
        _begun(
            session,
            events.CardChangeBegun(act="remove", card_serial=card.card_serial),
            lambda: vaults.remove_card(vault, session.database, present=present),
        )
    with session.work() as work:
        work.record(events.CardDropped(card_serial=card.card_serial, epoch=vault.epoch))
    return card


_T = TypeVar("_T")


def _begun(session: Session, event: events.CardChangeBegun, act: Callable[[], _T]) -> _T:
    # The act re-keys the database, so it cannot be inside a unit of work: a row before, and one after.
    with session.work() as work:
        work.record(event)
    return act()


@contextmanager
def _written(session: Session) -> Iterator[None]:
    """What goes wrong is written to the trail as a refusal."""
    try:
        yield
    except CredentialsRefused:
        with session.work():  # an exception that leaves a unit of work is written down as a refusal
            raise PassphraseNotConfirmed from None
    except WorkstationError:
        with session.work():
            raise


def _only(tokens: tuple[CardToken, ...]) -> str:
    if len(tokens) != 1:
        serials = ", ".join(token.serial for token in tokens)
        raise CardAmbiguous(serials=serials) if tokens else CardAbsent(serial="")
    return tokens[0].serial


def _cards(session: Session) -> tuple[SlotFacts, ...]:
    slots = session.services.vaults.slots(session.vault)
    return tuple(one for one in slots if one.type.startswith(_CARD))
