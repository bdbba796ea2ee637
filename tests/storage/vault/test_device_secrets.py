"""The keyring: only encrypted ones, tried before use, never waited for without end."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import InitError

from storage.vault import KeyringReport, OsKeyring, device_secrets
from storage.vault.device_secrets import to_bind
from tests.helpers.children import ROOT
from workstation.core.vault_errors import (
    DeviceSecretMissing,
    KeyringAbsent,
    KeyringLocked,
    KeyringPlaintext,
    KeyringUnusable,
)


class Memory(KeyringBackend):
    """A backend in a dictionary."""

    priority = 1.0  # type: ignore[assignment] # a property of the class in the base

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            from keyring.errors import PasswordDeleteError

            raise PasswordDeleteError


class Forgetful(Memory):
    """Takes everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class Locked(Memory):
    """Refuses, as a locked keyring does, or a failing one."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.error = error or OSError("prompt dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The backends of this file count as known."""
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in (Memory, Forgetful, Locked, Blocking)}
    monkeypatch.setattr(device_secrets, "_ALLOWED", names)


class Blocking(Memory):
    """Asks the person something and waits."""

    answered = threading.Event()

    def set_password(self, service: str, username: str, password: str) -> None:
        self.answered.wait(10)


@pytest.mark.parametrize("backend", [fail.Keyring(), null.Keyring(), Memory()])
def test_an_unknown_keyring_is_refused(backend: KeyringBackend) -> None:
    """The failing, the forgetting and every unlisted backend is refused by class, without being tried."""
    store = OsKeyring(backend)
    assert store.probe() == KeyringReport(
        usable=False,
        backend=f"{type(backend).__module__}.{type(backend).__qualname__}",
        reason="none" if isinstance(backend, fail.Keyring) else "not-allowed",
    )
    assert not store.encrypts
    with pytest.raises(KeyringUnusable):
        store.create("user")
    with pytest.raises(KeyringUnusable):
        store.read("user")


def test_the_plain_text_keyring_is_not_on_the_list() -> None:
    """No backend of keyrings.alt, nor fail or null, is ever allowed."""
    allowed = device_secrets._ALLOWED
    assert not [name for name in allowed if "alt" in name or "fail" in name or "null" in name]
    assert allowed


@pytest.mark.usefixtures("allowed")
def test_a_working_keyring_keeps_and_forgets() -> None:
    """A secret of 32 bytes is kept under its user and gone after deleting; the probe leaves nothing."""
    backend = Memory()
    store = OsKeyring(backend)
    assert store.probe().usable
    assert not backend.kept
    secret = store.create("vault:slot")
    assert len(secret) == 32
    assert store.read("vault:slot") == secret
    store.delete("vault:slot")
    store.delete("vault:slot")
    with pytest.raises(DeviceSecretMissing):
        store.read("vault:slot")


@pytest.mark.usefixtures("allowed")
def test_a_keyring_that_forgets_is_noticed() -> None:
    """A backend that takes a secret and does not give it back is unusable."""
    store = OsKeyring(Forgetful())
    assert store.probe().reason == "altered"
    with pytest.raises(KeyringUnusable):
        store.create("user")


@pytest.mark.usefixtures("allowed")
def test_a_locked_keyring_is_named() -> None:
    """A backend that raises anything is unusable, with the reason told."""
    store = OsKeyring(Locked())
    assert store.probe().reason == "failed"
    with pytest.raises(KeyringUnusable):
        store.read("user")


@pytest.mark.usefixtures("allowed")
def test_a_keyring_that_waits_for_a_person_is_given_up_on() -> None:
    """A backend that blocks is given up on after the time-out."""
    store = OsKeyring(Blocking(), timeout_s=0.05)
    assert store.probe().reason == "timed-out"
    Blocking.answered.set()


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("text", ["", "short", "ä" * 43, "A" * 43 + "=" * 4, "A" * 60])
def test_an_entry_of_somebody_else_is_no_secret(text: str) -> None:
    """An entry that is not 32 bytes as we write them counts as missing."""
    backend = Memory()
    backend.kept[device_secrets.SERVICE, "user"] = text
    with pytest.raises(DeviceSecretMissing):
        OsKeyring(backend).read("user")


@pytest.mark.usefixtures("allowed")
def test_only_the_allowed_part_of_a_chain_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a chain of backends the first allowed one is used and the others are passed over."""
    good = Memory()
    chain = chainer.ChainerBackend()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [null.Keyring(), good])
    store = OsKeyring(chain)
    store.create("user")
    assert good.kept


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        (Locked(InitError("Prompt dismissed..")), KeyringLocked),
        (Locked(keyring.errors.KeyringLocked("Failed to unlock the collection!")), KeyringLocked),
        (Blocking(), KeyringLocked),
        (Locked(keyring.errors.NoKeyringError()), KeyringAbsent),
        (fail.Keyring(), KeyringAbsent),
        (null.Keyring(), KeyringPlaintext),
        (Locked(OSError("broken pipe")), KeyringUnusable),
        (Forgetful(), KeyringUnusable),
    ],
)
def test_each_way_not_to_work_has_its_own_error(backend: KeyringBackend, kind: type[KeyringUnusable]) -> None:
    """Locked, in plain text, absent and failing are told apart, when asked and when made use of."""
    Blocking.answered.clear()
    store = OsKeyring(backend, timeout_s=0.05)
    assert type(store.fault()) is kind
    with pytest.raises(KeyringUnusable) as caught:
        store.create("user")
    assert type(caught.value) is kind
    Blocking.answered.set()


@pytest.mark.usefixtures("allowed")
def test_only_where_there_is_no_keyring_at_all_a_slot_rests_on_less() -> None:
    """A machine without an encrypting keyring binds nothing; with one that is locked, no slot is made."""
    good = OsKeyring(Memory())
    assert to_bind(good) is good
    assert to_bind(None) is to_bind(OsKeyring(fail.Keyring())) is to_bind(OsKeyring(null.Keyring())) is None
    with pytest.raises(KeyringLocked):
        to_bind(OsKeyring(Locked(InitError())))


_PROGRAM = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from storage.vault import OsKeyring
store = OsKeyring(timeout_s=10)
report, fault = store.probe(), store.fault()
print(report.usable, report.backend, fault.code if fault else "-")
if not fault:
    secret = store.create("vault:slot")
    print(OsKeyring().read("vault:slot") == secret)
"""


def _in_a_session(folder: Path, before: str, **environment: str) -> list[str]:
    """What a program of ours finds in a session of its own; the keyring's files stay in this folder."""
    if shutil.which("dbus-run-session") is None or shutil.which("gnome-keyring-daemon") is None:
        pytest.skip("gnome-keyring and dbus are not installed")
    told = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder / "data"),
        "XDG_RUNTIME_DIR": str(folder),
        "PROGRAM": _PROGRAM,
        **environment,
    }
    script = f'{before}exec {sys.executable} -I -c "$PROGRAM"'
    words = ["dbus-run-session", "--", "sh", "-c", script]
    done = subprocess.run(words, env=told, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


_UNLOCKED = "printf %s test-only | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && "
_CLOSED = "gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1 && "
_SERVICE = "keyring.backends.SecretService.Keyring"


@pytest.mark.slow
def test_the_real_gnome_keyring(tmp_path: Path) -> None:
    """In a session of its own the real Secret Service keeps and gives a device secret."""
    assert _in_a_session(tmp_path, _UNLOCKED) == ["True", _SERVICE, "-", "True"]


@pytest.mark.slow
def test_the_real_gnome_keyring_locked(tmp_path: Path) -> None:
    """The same keyring in the next session, which nobody unlocked, is told to be locked."""
    _in_a_session(tmp_path, _UNLOCKED)
    assert _in_a_session(tmp_path, _CLOSED) == ["False", _SERVICE, "VLT-031"]


@pytest.mark.slow
def test_no_real_keyring_and_one_in_plain_text(tmp_path: Path) -> None:
    """A session without any keyring has none; one that is told to forget everything is not used."""
    unreached = "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent; "
    assert _in_a_session(tmp_path, unreached)[::2] == ["False", "VLT-033"]
    null_keyring = "keyring.backends.null.Keyring"
    told = _in_a_session(tmp_path, "", PYTHON_KEYRING_BACKEND=null_keyring)
    assert told == ["False", null_keyring, "VLT-032"]
