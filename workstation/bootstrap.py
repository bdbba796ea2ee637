"""The composition root: chooses adapters, real or for a demonstration, and builds the services.

Nothing else in the program asks which of the two it is: the difference is the clock, the identifiers, the
root folder, the cost of a passphrase and the signing authority, all chosen here.
"""

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from workstation import confinement, settings
from workstation.app import content, markings
from workstation.app.bus import Bus
from workstation.app.services import Services
from workstation.core.backups import BackupKeeper
from workstation.core.errors import EnvironmentFault, WorkstationError
from workstation.core.finding_ports import AdvisoryWriter
from workstation.core.pki import OwnPki
from workstation.core.ports import Clock, IdSource
from workstation.core.sealing import Sealer
from workstation.core.service_ports import Press, SigningDesk
from workstation.core.training import Training
from workstation.core.verifications import DocumentVerifier
from workstation.core.vault import Cost, Profile
from workstation.machine import RandomIds, SystemClock

if TYPE_CHECKING:
    from storage.vault.device_secrets import DeviceSecrets

T = TypeVar("T")
_LOAD_AFTER_S = 2.0  # the window is drawn by then, and somebody reads the banner
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
    """Every adapter, wired.

    Raises:
        KnownAnswerFailed: the cryptography of this machine gives wrong answers.
    """
    from storage.keeper import DiskKeeper  # noqa: PLC0415 - loaded when the program really starts
    from storage.removable import RemovableMedia  # noqa: PLC0415
    from storage.vault import known_answers  # noqa: PLC0415
    from storage.vault.cards import Pkcs11Cards  # noqa: PLC0415
    from workstation.examine import package  # noqa: PLC0415

    known_answers.require_known_answers()
    demo = start.profile is Profile.DEMO
    clock = start.clock or SystemClock()
    chosen = start.chosen or settings.load()
    secrets = None if demo else _device_secrets()
    return Services(
        clock=clock,
        ids=start.ids or RandomIds(),
        vaults=DiskKeeper(
            root=start.vault_folder,
            profile=start.profile,
            clock=clock,
            cost=_light_cost if demo else _calibrated_cost(),
            device_secrets=secrets,
            cards=Pkcs11Cards(chosen.pkcs11_module),
        ),
        backups=_later(lambda: _backups(clock)),
        examiners=package,
        press=_later(_press),
        signing=_later(lambda: _signing(chosen, demo=demo)),
        advisories=_later(_advisories),
        sealer=_later(_sealer),
        pki=_later(lambda: _pki(demo=demo)),
        documents=_later(lambda: _documents(chosen, demo=demo)),
        media=RemovableMedia(),
        markings=markings.rules(),
        criteria=content.shipped_criteria(),
        bus=Bus(),
        watermark=DEMO_WATERMARK if demo else "",
        isolation=_walls(),
        training=start.training if demo else None,
    )


class _Later:
    """An adapter that is loaded when it is first asked for something: the window need not wait for it."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = cache(load)

    def __getattr__(self, name: str) -> object:
        return getattr(self._load(), name)


def _later(load: Callable[[], T]) -> T:
    return cast("T", _Later(load))


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


def _device_secrets() -> "DeviceSecrets | None":
    from storage.vault.device_secrets import OsKeyring  # noqa: PLC0415

    keyring = OsKeyring()
    return keyring if keyring.probe().usable else None


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
    return open_desktop_on(build(real_start(chosen=chosen)), chosen, told)


def open_desktop_on(
    services: Services, chosen: settings.Settings | None = None, told: WorkstationError | None = None
) -> int:
    """Open the window on these services; returns the exit status.

    Raises:
        WindowUnavailable: Qt does not load on this computer.
    """
    with _qt_needed():
        from ui.application import run  # noqa: PLC0415 - Qt is loaded only for the window

    loading = threading.Timer(_LOAD_AFTER_S, _load_the_rest)
    loading.daemon = True
    loading.start()
    try:
        return run(services, chosen or settings.load(), told)
    finally:
        loading.cancel()


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


def _load_the_rest() -> None:
    """What is loaded when it is first asked for, before anybody asks."""
    _backups(SystemClock())
    _signing(settings.Settings(), demo=True)
    for load in (_press, _advisories, _sealer):
        load()


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
