"""What every signing desk promises of content sets and of the roots it is given."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from reports.desk import Desk
from tests.helpers.memory_signing import MemoryDesk
from tests.helpers.sample_report import AT
from workstation.core.content import ContentSignatureBad, ContentSigner, ContentTrustMissing
from workstation.core.service_ports import SigningDesk
from workstation.core.signature_errors import NoTrustRoot, TrustUnreadable
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TrustStore

NAME, CONTENT = "eo14409-v2.json", b'{"id":"eo14409","version":2}'
PREDICATE = {"format": "frw-criteria-set-1", "id": "eo14409", "version": 2}


@dataclass
class Room:
    """A desk, its office, a person of it, and a set that person signed."""

    desk: SigningDesk
    authority: AuthorityMaterial
    identity: IssuedIdentity
    trust: TrustStore
    signed: tuple[bytes, bytes] = (b"", b"")

    def verify(self, desk: SigningDesk | None = None, **changes: object) -> tuple[ContentSigner, ...]:
        """The set, with some things changed."""
        envelope, certificates = self.signed
        given = {"name": NAME, "content": CONTENT, "envelope": envelope, "certificates": certificates}
        given |= {"predicate": PREDICATE, "trust": self.trust, "at": AT, **changes}
        first = [given.pop(name) for name in ("name", "content", "envelope", "certificates")]
        return (desk or self.desk).verify_content(*first, **given)


def founded(make_desk: type[Desk | MemoryDesk], *, demo: bool = False) -> Room:
    """A new office with a signed set."""
    desk: SigningDesk = make_desk(demo=demo)
    authority = desk.create_authority("Office for Tests", at=AT)
    identity = desk.issue(authority, person_id="PER-1", display_name="Ann", role="Lead", at=AT)
    lists = desk.revocation_lists(authority, at=AT, revoked={})
    room = Room(desk, authority, identity, TrustStore(roots_der=authority.roots_der, crls_der=lists))
    with desk.signer(IssuedIdentity.unpack(identity.pack())) as signer:
        room.signed = desk.sign_content(NAME, CONTENT, predicate=PREDICATE, signer=signer)
    return room


@pytest.fixture(scope="module", params=[Desk, MemoryDesk], ids=["reports", "memory"])
def make_desk(request: pytest.FixtureRequest) -> type[Desk | MemoryDesk]:
    """Both."""
    made: type[Desk | MemoryDesk] = request.param
    return made


@pytest.fixture(scope="module")
def room(make_desk: type[Desk | MemoryDesk]) -> Room:
    """An office of each."""
    return founded(make_desk)


# --- content sets ----------------------------------------------------------------------------------


def test_a_signed_set_names_its_signer_by_both_keys(room: Room) -> None:
    """Each key of the person who signed is named, by its algorithm and its certificate."""
    signers = room.verify()
    assert [one.algorithm for one in signers] == ["ecdsa-p384-sha384", "ml-dsa-87"]
    assert len({one.certificate_sha384 for one in signers}) == 2
    assert all("Ann" in one.untrusted_name for one in signers)


@pytest.mark.parametrize(
    "change",
    [
        {"content": CONTENT + b" "},
        {"name": "eo14409-v3.json"},
        {"predicate": PREDICATE | {"version": 3}},
        {"envelope": b"{}"},
        {"envelope": b"no JSON"},
        {"certificates": b""},
        {"at": AT - timedelta(days=2)},
        {"at": AT + timedelta(days=4_000)},
    ],
    ids=["content", "name", "predicate", "empty", "rubbish", "certificates", "too-early", "too-late"],
)
def test_anything_else_is_not_what_was_signed(room: Room, change: dict[str, object]) -> None:
    """Other bytes, another name, version, envelope, certificate or time is refused by the file's name."""
    with pytest.raises(ContentSignatureBad) as refusal:
        room.verify(**change)
    assert refusal.value.file == change.get("name", NAME)


def test_a_signature_by_another_office_is_not_believed(make_desk: type[Desk], room: Room) -> None:
    """Only a signer who chains to a root that is kept is believed."""
    with pytest.raises(ContentSignatureBad):
        room.verify(trust=founded(make_desk).trust)


def test_a_revoked_signer_is_not_believed(room: Room) -> None:
    """A signature by somebody on a list is refused."""
    revoked = {room.identity.ec_certificate_der: AT, room.identity.pq_certificate_der: AT}
    lists = room.desk.revocation_lists(room.authority, at=AT, revoked=revoked)
    with pytest.raises(ContentSignatureBad):
        room.verify(trust=replace(room.trust, crls_der=lists))


def test_without_a_root_no_set_is_believed(room: Room) -> None:
    """Where no root is kept that is said, and not that the signature is bad."""
    with pytest.raises(ContentTrustMissing):
        room.verify(trust=TrustStore(roots_der=(), crls_der=()))


def test_a_demonstrations_set_is_for_demonstrations(make_desk: type[Desk | MemoryDesk]) -> None:
    """What a demonstration signed is believed in a demonstration, and refused at work."""
    shown = founded(make_desk, demo=True)
    assert len(shown.verify()) == 2
    with pytest.raises(ContentSignatureBad) as refusal:
        shown.verify(make_desk(demo=False))
    assert refusal.value.problem == "EXP-116"


# --- roots -----------------------------------------------------------------------------------------


def laid_out(room: Room, folder: Path) -> Path:
    """The roots and lists of the office as files."""
    for number, der in enumerate(room.trust.roots_der):
        (folder / f"root{number}.der").write_bytes(der)
    for number, der in enumerate(room.trust.crls_der):
        (folder / f"list{number}.crl").write_bytes(der)
    return folder


def test_roots_and_lists_of_a_folder_are_found(room: Room, tmp_path: Path) -> None:
    """A folder gives every root and list in it; a file of another kind in it is no hindrance."""
    (laid_out(room, tmp_path) / "README.txt").write_text("Which these are.")
    found = room.desk.load_trust(tmp_path)
    assert set(found.roots_der) == set(room.trust.roots_der)
    assert set(found.crls_der) == set(room.trust.crls_der)
    assert len(room.verify(trust=found)) == 2


def test_a_root_may_be_one_file(room: Room, tmp_path: Path) -> None:
    """One file is read like a folder of one."""
    found = room.desk.load_trust(laid_out(room, tmp_path) / "root0.der")
    assert (found.roots_der, found.crls_der) == ((room.trust.roots_der[0],), ())


def test_lists_alone_are_no_trust(room: Room, tmp_path: Path) -> None:
    """An empty folder, or one with lists only, is refused by its name."""
    for _round in range(2):
        with pytest.raises(NoTrustRoot) as refusal:
            room.desk.load_trust(tmp_path)
        assert refusal.value.source == str(tmp_path)
        (tmp_path / "list.crl").write_bytes(room.trust.crls_der[0])


def test_what_is_no_root_is_refused(room: Room, tmp_path: Path) -> None:
    """Rubbish, a file that is not there, or a person's certificate among the roots is refused by its name."""
    laid_out(room, tmp_path)
    for content in (b"rubbish", room.identity.ec_certificate_der):
        (tmp_path / "x.der").write_bytes(content)
        with pytest.raises(TrustUnreadable) as refusal:
            room.desk.load_trust(tmp_path)
        assert refusal.value.source == str(tmp_path / "x.der")
    with pytest.raises(TrustUnreadable):
        room.desk.load_trust(tmp_path / "missing.der")
