"""The composition root: chooses adapters, real or for a demonstration, and builds the services.

Nothing else in the program asks which of the two it is: the difference is the clock, the identifiers, the
root folder, the cost of a passphrase and the signing authority, all chosen here.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar, cast

from storage import place
from workstation import confinement, settings
from workstation.app.bus import Bus
from workstation.app.services import Services
from workstation.core.errors import EnvironmentFault, WorkstationError
from workstation.core.values import Profile
from workstation.machine import RandomIds, SystemClock

if TYPE_CHECKING:  # the window is drawn before any of these is loaded
    from storage.vault.device_secrets import DeviceSecrets
    from workstation.core.backups import BackupKeeper
    from workstation.core.criteria import CriteriaSet
    from workstation.core.finding_ports import AdvisoryWriter
    from workstation.core.media import MediumPort
    from workstation.core.pki import OwnPki
    from workstation.core.ports import Clock, IdSource
    from workstation.core.sealing import Sealer
    from workstation.core.service_ports import Examiners, MarkingRules, Press, SigningDesk, VaultKeeper
    from workstation.core.training import Training
    from workstation.core.vault import Cost
    from workstation.core.verifications import DocumentVerifier

T = TypeVar("T")
_FIRST = ("session", "cards", "administering", "recovering", "training", "drafts", "auditing", "queries")
DEMO_WATERMARK = "DEMO \u2014 TRAINING, NOT A DETERMINATION"


@dataclass(kw_only=True, eq=False)
class WindowUnavailable(EnvironmentFault):
    """Qt does not load on this computer."""

    code: ClassVar[str] = "SET-003"
    reason: str


@dataclass(frozen=True, kw_only=True)
class Start:
    """How this run was started."""

    vault_folder: Path
    profile: Profile = Profile.REAL
    clock: Clock | None = None
    ids: IdSource | None = None
    chosen: settings.Settings | None = None  # what to go by; read from the workstation's file where not given
    training: Training | None = None  # a demonstration's alone


def real_start(folder: Path | None = None, chosen: settings.Settings | None = None) -> Start:
    """The workstation's own vault, or the one in ``folder``."""
    place = folder or settings.vault_folder(chosen or settings.load())
    return Start(vault_folder=place, chosen=chosen)


def build(start: Start) -> Services:
    """Every adapter, wired; those that open the vault and read packages are loaded now.

    Raises:
        KnownAnswerFailed: the cryptography of this machine gives wrong answers.
    """
    return _wired(start, _now)


def promise(start: Start) -> Services:
    """The same for a window, which is drawn before anything is loaded: each adapter when first asked for.

    What ``build`` raises is raised then. ``load`` asks for all of them.
    """
    return _wired(start, _later)


def _wired(start: Start, first: _Loading) -> Services:
    demo = start.profile is Profile.DEMO
    clock = start.clock or SystemClock()
    chosen = start.chosen or settings.load()
    return Services(
        clock=clock,
        ids=start.ids or RandomIds(),
        vaults=first(lambda: _keeper(start, clock, chosen)),
        backups=_later(lambda: _backups(clock)),
        examiners=first(_examiners),
        press=_later(_press),
        signing=_later(lambda: _signing(chosen, demo=demo)),
        advisories=_later(_advisories),
        sealer=_later(_sealer),
        pki=_later(lambda: _pki(demo=demo)),
        documents=_later(lambda: _documents(chosen, demo=demo)),
        media=first(_media),
        markings=first(_markings),
        criteria=first(_criteria),
        bus=Bus(),
        watermark=DEMO_WATERMARK if demo else "",
        isolation=_walls(),
        ai_name=chosen.ai_name,
        training=start.training if demo else None,
        look_for_vault=lambda: place.holds_vault(start.vault_folder),
    )


class _Loading(Protocol):
    """Now, or when it is first asked for."""

    def __call__(self, load: Callable[[], T], /) -> T:
        """What ``load`` gives, or what stands for it."""


class _Later:
    """An adapter that is loaded when it is first asked for something: the window need not wait for it."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load, self._lock = load, threading.Lock()
        self._loaded: object = None

    def _get(self) -> object:
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = self._load()
        return self._loaded

    @property  # type: ignore[misc]  # read-only, as whoever asks only reads it
    def __class__(self) -> type:
        """That of what it stands for, as whoever asks for its kind expects."""
        return type(self._get())

    def __getattr__(self, name: str) -> object:
        return getattr(self._get(), name)


def _later(load: Callable[[], T]) -> T:
    return cast("T", _Later(load))


def _now(load: Callable[[], T]) -> T:
    return load()


def _keeper(start: Start, clock: Clock, chosen: settings.Settings) -> VaultKeeper:
    """Nothing opens a vault before the cryptography of this machine has given known answers."""
    from storage.keeper import DiskKeeper  # noqa: PLC0415 - loaded when the program really starts
    from storage.vault import known_answers  # noqa: PLC0415
    from storage.vault.cards import Pkcs11Cards  # noqa: PLC0415

    known_answers.require_known_answers()
    demo = start.profile is Profile.DEMO
    return DiskKeeper(
        root=start.vault_folder,
        profile=start.profile,
        clock=clock,
        cost=_light_cost if demo else _calibrated_cost(),
        device_secrets=None if demo else _device_secrets(),
        cards=Pkcs11Cards(chosen.pkcs11_module),
    )


def _examiners() -> Examiners:
    from workstation.examine import package  # noqa: PLC0415

    return package


def _media() -> MediumPort:
    from storage.removable import RemovableMedia  # noqa: PLC0415

    return RemovableMedia()


def _markings() -> MarkingRules:
    from workstation.app import markings  # noqa: PLC0415

    return markings.rules()


def _criteria() -> CriteriaSet:
    from workstation.app import content  # noqa: PLC0415

    return content.shipped_criteria()


def _backups(clock: Clock) -> BackupKeeper:
    from storage.backups import DiskBackups  # noqa: PLC0415

    return DiskBackups(clock)


def _sealer() -> Sealer:
    from reports.sealing import HpkeSealer  # noqa: PLC0415

    return HpkeSealer()


def _pki(*, demo: bool) -> OwnPki:
    from reports.own_pki import OfficePki  # noqa: PLC0415

    return OfficePki(demo=demo)


def _documents(chosen: settings.Settings, *, demo: bool) -> DocumentVerifier:
    from reports.released import ReleasedDocuments  # noqa: PLC0415

    return ReleasedDocuments(demo=demo, max_crl_age=chosen.max_crl_age)


def _press() -> Press:
    from reports import render  # noqa: PLC0415

    return render


def _signing(chosen: settings.Settings, *, demo: bool) -> SigningDesk:
    from reports.desk import Desk  # noqa: PLC0415
    from storage.vault.card_signatures import Pkcs11SigningCards  # noqa: PLC0415

    return Desk(demo=demo, cards=Pkcs11SigningCards(chosen.pkcs11_module), max_crl_age=chosen.max_crl_age)


def _advisories() -> AdvisoryWriter:
    from reports.exchange import csaf  # noqa: PLC0415

    return csaf


def _device_secrets() -> DeviceSecrets:
    from storage.vault.device_secrets import OsKeyring  # noqa: PLC0415

    return OsKeyring()


def _light_cost(device_bound: bool) -> Cost:  # noqa: ARG001 - the port's shape
    from storage.vault.costs import LIGHT_COST  # noqa: PLC0415

    return LIGHT_COST


def _calibrated_cost() -> Callable[[bool], Cost]:
    from storage.vault.costs import calibrated_cost  # noqa: PLC0415

    return lambda device_bound: calibrated_cost(device_bound=device_bound)


def open_desktop() -> int:
    """Open the window on this workstation's own vault; returns the exit status.

    A settings file that cannot be read is told in the window, which goes by what the program came with.
    """
    try:
        chosen, told = settings.load(), None
    except settings.SettingsInvalid as damaged:
        chosen, told = settings.Settings(), damaged
    return open_desktop_on(promise(real_start(chosen=chosen)), chosen, told)


def open_desktop_on(
    services: Services, chosen: settings.Settings | None = None, told: WorkstationError | None = None
) -> int:
    """Open the window on these services; returns the exit status.

    Raises:
        WindowUnavailable: Qt does not load on this computer.
    """
    with _qt_needed():
        from ui.application import run  # noqa: PLC0415 - Qt is loaded only for the window

    return run(services, chosen or settings.load(), told, load=partial(load, services))


def picture_desktop(services: Services, folder: Path, people: Mapping[str, bytearray]) -> list[Path]:
    """Pictures of every page of the window as these people see it, written to ``folder`` as PNG.

    ``people`` maps login names to passphrases.

    Raises:
        WindowUnavailable: Qt does not load on this computer.
    """
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with _qt_needed():
        from ui.pictures import take  # noqa: PLC0415 - Qt is loaded only for the window

    return take(services, settings.Settings(), folder, people)


def load(services: Services) -> Iterator[None]:
    """Load piece by piece what was promised, in the order in which a person comes to it.

    Raises:
        KnownAnswerFailed: the cryptography of this machine gives wrong answers.
    """
    services.vaults.status()
    for name in _FIRST:
        yield
        import_module(f"workstation.app.{name}")
    yield
    import_module("storage.database")
    later = (services.markings, services.criteria, services.media, services.examiners, services.press)
    rest = (
        services.signing,
        services.backups,
        services.advisories,
        services.sealer,
        services.pki,
        services.documents,
    )
    for promised in (*later, *rest):
        yield
        promised.__class__  # noqa: B018 - asked for, and so loaded


@contextmanager
def _qt_needed() -> Iterator[None]:
    """Tell a machine without what Qt needs from a defect of ours."""
    try:
        yield
    except ImportError as missing:
        # A library that Qt itself wants is reported under the bare name of Qt's module, so the path is asked.
        if not re.search(r"\b(PySide6|shiboken6)\b", f"{missing.name} {missing.path}"):
            raise
        raise WindowUnavailable(reason=str(missing)) from missing


def _walls() -> tuple[str, ...]:
    """Which of the process's own walls hold, by name."""
    held = confinement.current()
    walls = {"network": held.network, "core-dumps": held.core_dumps, "imports": held.imports}
    return tuple(name for name, wall in walls.items() if wall.held)
