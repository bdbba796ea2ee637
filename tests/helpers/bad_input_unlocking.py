"""Bad input at the door: what is told to somebody who tries to come in."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.errors import InitError

from storage.media_table import Machine, Mount
from storage.vault import LIGHT_COST, device_secrets, entering
from tests.helpers.bad_input import Act, BadInput, Place, Spoil, Target
from tests.helpers.children import ROOT
from tests.helpers.small_disks import full, move_to_small_disk, read_only
from workstation.core.errors import Refused
from workstation.core.vault import Profile
from workstation.core.vault_errors import DeviceSecretMissing
from workstation.demo.story import passphrase

DATABASE = ("database.sqlite3", "database.sqlite3-wal", "database.sqlite3-shm")
WRONG = "wrong passphrase altogether"


@contextmanager
def typed(_place: Place, login_name: str = "", text: str = WRONG) -> Iterator[Target]:
    """Something else than the passphrase, or another name."""
    yield Target(login_name=login_name, passphrase=text)


@contextmanager
def altered(place: Place, name: str, change: Callable[[bytes], bytes]) -> Iterator[Target]:
    """A file of the vault changed, and put back afterwards."""
    path = place.profile / name
    content = path.read_bytes()
    path.write_bytes(change(content))
    yield Target()
    path.write_bytes(content)


def newer_header(content: bytes) -> bytes:
    """Of a later version."""
    return json.dumps(json.loads(content) | {"version": 2}).encode()


def guessed(place: Place) -> None:
    """Ten wrong passphrases, each after its wait; the last wait is two minutes."""
    for _ in range(10):
        place.office.clock.advance(timedelta(minutes=16))
        with suppress(Refused):
            place.office.services.vaults.unlock(login_name="osei", passphrase=bytearray(WRONG.encode()))


@contextmanager
def waiting(place: Place) -> Iterator[Target]:
    """After many wrong ones even the right passphrase must wait; afterwards the wait is over."""
    guessed(place)
    yield Target()
    place.office.clock.advance(timedelta(minutes=16))


@contextmanager
def held_elsewhere(place: Place) -> Iterator[Target]:
    """A second process has the vault open."""
    program = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from storage.single_writer import SingleWriter
held = SingleWriter(Path({str(place.profile / "vault.lock")!r}))
print("held", flush=True); sys.stdin.read()
"""
    with subprocess.Popen(
        [sys.executable, "-I", "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield Target()
        other.communicate("")


@contextmanager
def folder_missing(place: Place) -> Iterator[Target]:
    """The folder was copied without its packs."""
    (place.profile / "packs").rename(place.tmp / "packs")
    yield Target()
    (place.tmp / "packs").rename(place.profile / "packs")


@contextmanager
def newer_database(place: Place) -> Iterator[Target]:
    """A later version has migrated the database."""
    _set_revision(place, "9999")
    yield Target()
    _set_revision(place, None)


def _set_revision(place: Place, revision: str | None) -> None:
    import storage.schema

    if revision is None:
        place.patch.undo()
        return
    place.patch.setattr(storage.schema, "HEAD_REVISION", "0000")


@contextmanager
def not_writable(place: Place) -> Iterator[Target]:
    """The disk of the vault is mounted read-only."""
    with read_only(place.profile):
        yield Target()


@contextmanager
def full_disk(place: Place, *, reserved: bool) -> Iterator[Target]:
    """Not a block to spare on the vault's disk, with or without the room kept for the records."""
    if not reserved:
        (place.profile / "room.reserve").unlink()
    with full(place.profile.with_name("small-disk")):
        yield Target()


def on_a_small_disk(place: Place) -> None:
    """The vault on a file system of its own, 6 MiB larger than it is."""
    move_to_small_disk(place.until, place.profile, spare_kib=6 << 10)


class OnceThere:
    """A keyring that took the device secret when the slot was made."""

    encrypts = True

    def create(self, _user: str) -> bytearray:
        """Works."""
        return bytearray(os.urandom(32))

    def read(self, _user: str) -> bytearray:
        """Nothing was read then."""
        raise DeviceSecretMissing

    def delete(self, _user: str) -> None:
        """Nothing is there."""

    def fault(self) -> None:
        """None."""


class Empty(KeyringBackend):
    """A keyring that works and has lost everything."""

    priority = 1.0  # type: ignore[assignment] # a property of the class in the base
    fails: type[Exception] | None = None

    def get_password(self, service: str, username: str) -> str | None:
        """Nothing."""
        del service, username
        if self.fails:
            raise self.fails("Prompt dismissed..")
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        """Never asked for: nothing is kept in these tests."""
        raise AssertionError((service, username, bool(password)))


class Shut(Empty):
    """A keyring that nobody unlocks, in the words of the real one."""

    fails = InitError


@contextmanager
def keyring(place: Place, backend: KeyringBackend, *, known: bool = True) -> Iterator[Target]:
    """A slot that also needs this machine's keyring, and what is there in its place now."""
    header = place.profile / "vault.json"
    kept = header.read_bytes()
    vault = entering.unlock(
        place.profile,
        login_name="abara",
        passphrase=passphrase(),
        profile=Profile.DEMO,
        clock=place.office.clock,
        device_secrets=OnceThere(),
    )
    vault.add_slot(
        person_id="PERSON-BOUND",
        login_name="bound",
        passphrase=passphrase(),
        cost=LIGHT_COST,
        device_bound=True,
    )
    vault.lock()
    with place.patch.context() as patch:
        if known:
            name = f"{type(backend).__module__}.{type(backend).__qualname__}"
            patch.setattr(device_secrets, "_ALLOWED", frozenset({name}))
        plain, secrets = entering.unlock, device_secrets.OsKeyring(backend)
        patch.setattr(entering, "unlock", lambda *a, **k: plain(*a, **{**k, "device_secrets": secrets}))
        yield Target(login_name="bound")
    header.write_bytes(kept)


@contextmanager
def on_a_share(place: Place) -> Iterator[Target]:
    """The folder lies on a drive of another machine."""
    with place.patch.context() as patch:
        mount_of = Machine.mount_of

        def shared(machine: Machine, *words: object) -> Mount | None:
            found = mount_of(machine, *words)  # type: ignore[arg-type]
            return found and replace(found, file_system="nfs4")

        patch.setattr(Machine, "mount_of", shared)
        yield Target()


@contextmanager
def half_copied(place: Place, names: tuple[str, ...]) -> Iterator[Target]:
    """The copying was broken off before these files, of which the database is one."""
    aside = place.tmp / "not-copied"
    aside.mkdir()
    there = [name for name in names if (place.profile / name).exists()]
    for name in there:
        (place.profile / name).rename(aside / name)
    yield Target()
    for name in there:
        (aside / name).rename(place.profile / name)


@contextmanager
def clock_set_back(place: Place) -> Iterator[Target]:
    """The computer's clock has lost a day."""
    place.office.clock.advance(timedelta(days=-1))
    yield Target()
    place.office.clock.advance(timedelta(days=1))


def case(name: str, code: str, status: int, spoil: Spoil, **more: object) -> BadInput:
    """One of this table."""
    return BadInput(
        name=name,
        code=code,
        status=status,
        act=Act.UNLOCK,
        stage="opened",
        spoil=spoil,
        **more,  # type: ignore[arg-type]
    )


def cut(content: bytes) -> bytes:
    """Half of it."""
    return content[: len(content) // 2]


def scribbled(content: bytes) -> bytes:
    """With other bytes at its beginning."""
    return bytes(64) + content[64:]


UNLOCKING = (
    case("wrong passphrase", "VLT-001", 2, typed),
    case("unknown login name", "VLT-001", 2, partial(typed, login_name="nobody")),
    case("header cut short", "VLT-001", 2, lambda place: altered(place, "vault.json", cut)),
    case("header overwritten", "VLT-001", 2, lambda place: altered(place, "vault.json", scribbled)),
    case("too many wrong ones", "VLT-002", 2, waiting),
    case("held by another process", "VLT-004", 3, held_elsewhere),
    case("a folder is missing", "VLT-006", 4, folder_missing, says=("packs",)),
    case("vault of a newer version", "VLT-007", 2, lambda p: altered(p, "vault.json", newer_header)),
    case("disk mounted read-only", "VLT-011", 3, not_writable),
    case("keyring without the secret", "VLT-016", 3, partial(keyring, backend=Empty())),
    case("keyring locked", "VLT-031", 3, partial(keyring, backend=Shut()), says=("Shut", "locked")),
    case(
        "keyring in plain text",
        "VLT-032",
        3,
        partial(keyring, backend=null.Keyring(), known=False),
        says=("keyring.backends.null.Keyring",),
    ),
    case("no keyring", "VLT-033", 3, partial(keyring, backend=fail.Keyring(), known=False)),
    case("on a network drive", "VLT-030", 3, on_a_share, says=("nfs4",)),
    case("half copied, the database missing", "VLT-006", 4, partial(half_copied, names=DATABASE)),
    case("half copied, the header missing", "VLT-034", 3, partial(half_copied, names=("vault.json",))),
    case("full disk", "VLT-028", 0, partial(full_disk, reserved=True), given=on_a_small_disk, opens=True),
    case(
        "full disk, kept room used up",
        "VLT-052",
        3,
        partial(full_disk, reserved=False),
        given=on_a_small_disk,
    ),
    case("database overwritten", "VLT-050", 4, lambda place: altered(place, "database.sqlite3", scribbled)),
    case("database of a newer version", "VLT-051", 2, newer_database),
    case("clock set back", "VLT-054", 0, clock_set_back, opens=True),
)
