"""The process ends in the middle of a set-up or an enrolment: it is repeated, and nothing is in its way."""

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.helpers.deaths import dies_at, steps_of
from tests.helpers.office import office, unlock
from workstation.app import administering, auditing, queries
from workstation.app import session as sessions
from workstation.app.services import Services
from workstation.core.people import Role
from workstation.core.vault_errors import VaultExists, VaultInUse
from workstation.demo.story import passphrase
from workstation.machine import RandomIds

CUSTODIAN = administering.NewPerson(
    login_name="abara", staff_number="1", display_name="N. Abara", role=Role.CUSTODIAN
)


def set_up(services: Services) -> None:
    """The vault and its custodian."""
    session = administering.first_run(
        services, office="Test Office", custodian=CUSTODIAN, passphrase=passphrase()
    )
    sessions.lock(session, reason="test")


def at(folder: Path) -> Services:
    """A workstation that has no vault yet."""
    return replace(office(folder).services, ids=RandomIds())


def require_custodian(services: Services) -> None:
    """The custodian comes in, alone, on a trail that holds from its first row."""
    session = unlock(services, "abara")
    try:
        assert [person.login_name for person in queries.people(session)] == ["abara"]
        assert auditing.verify(session).broken_seq is None
        assert [row.event for row in auditing.page(session, limit=100)][-2:] == [
            "PersonEnrolled",
            "VaultCreated",
        ]
    finally:
        sessions.lock(session, reason="test")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_set_up_that_is_killed_anywhere_is_repeated_in_the_same_folder(tmp_path: Path) -> None:
    """Whichever step is the last, there is no vault and set-up succeeds again, or there is a whole one."""
    counting = at(tmp_path / "counting")
    outcomes = set()
    for step in steps_of(lambda: set_up(counting)):
        services = at(tmp_path / str(step))
        if not dies_at(step, partial(set_up, services)):
            break
        exists = services.vaults.status().exists
        outcomes.add(exists)
        if not exists:
            set_up(services)
        require_custodian(services)
    assert outcomes == {True, False}


def test_a_set_up_that_fails_leaves_no_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the middle of it is raised as it is; there is no vault, and the next try makes one."""
    services = at(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(administering, "_enrolled", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            set_up(services)
    assert not services.vaults.status().exists
    set_up(services)
    require_custodian(services)


def test_a_vault_that_lost_its_header_is_not_taken_for_remains(tmp_path: Path) -> None:
    """Set-up refuses the folder of a vault without header: the header may yet be put back."""
    services = at(tmp_path)
    set_up(services)
    require_custodian(services)
    header = tmp_path / "profile" / "vault.json"
    kept = header.read_bytes()
    header.unlink()
    with pytest.raises(VaultExists):
        set_up(services)
    header.write_bytes(kept)
    require_custodian(services)


def test_two_set_ups_at_once_make_one_vault(tmp_path: Path) -> None:
    """While one is at work, the other is told so and removes nothing."""
    services = at(tmp_path)
    begun = services.vaults.create(
        vault_id="VAULT-1", person_id="PERSON-1", login_name="abara", passphrase=passphrase()
    )
    database = services.vaults.open_database(begun)
    with pytest.raises(VaultInUse):
        set_up(services)
    services.vaults.complete(begun)
    database.close()
    begun.lock()
    with pytest.raises(VaultExists):
        set_up(services)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_an_enrolment_that_is_killed_anywhere_is_repeated(tmp_path: Path) -> None:
    """Whichever step is the last, the same login name is enrolled then, and every key has its person."""
    set_up(at(tmp_path / "template"))
    outcomes = set()

    def moved(name: str) -> Services:
        shutil.copytree(tmp_path / "template" / "profile", tmp_path / name / "profile")
        return at(tmp_path / name)

    counting = moved("counting")
    for step in steps_of(lambda: enrol(counting)):
        services = moved(str(step))
        if not dies_at(step, partial(enrol, services)):
            break
        session = unlock(services, "abara")
        people = {person.login_name for person in queries.people(session)}
        sessions.lock(session, reason="test")
        outcomes.add("novak" in people)
        if "novak" not in people:
            enrol(services)
        session = unlock(services, "novak")
        assert services.vaults.slot_holders(session.vault) == {p.person_id for p in queries.people(session)}
        assert auditing.verify(session).broken_seq is None
        sessions.lock(session, reason="test")
    assert outcomes == {True, False}


def enrol(services: Services) -> None:
    """A reviewer, by the custodian."""
    session = unlock(services, "abara")
    new = administering.NewPerson(
        login_name="novak", staff_number="2", display_name="P. Novak", role=Role.REVIEWER
    )
    try:
        administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())
    finally:
        sessions.lock(session, reason="test")
