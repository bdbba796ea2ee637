"""What a person may set for themselves, and what only an administrator may, without widgets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ui import look
from ui.desk import Desk
from ui.shown import Pairs
from workstation import settings as files
from workstation.app.wording import word
from workstation.settings import DateStyle, Theme

Options = tuple[tuple[str, str], ...]
_PERCENTS = (100, 125, 150, 175, 200)
_MINUTES = (1, 2, 5, 10, 15, 20, 30, 45, 60)


@dataclass(frozen=True, kw_only=True)
class SettingsShown:
    """What can be chosen by name, what is chosen, and what can only be read."""

    options: Mapping[str, Options]
    chosen: Mapping[str, str]
    fixed: Pairs


class SettingsView(Protocol):
    """The page as the presenter sees it."""

    def show_settings(self, shown: SettingsShown) -> None:
        """Everything at once."""


class SettingsPresenter:
    """Offers, and puts into use."""

    def __init__(self, view: SettingsView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """How it stands now."""
        here, limit = self._desk.settings, self._desk.station.lock_after_minutes
        minutes = sorted({limit, here.lock_after_minutes, *(one for one in _MINUTES if one < limit)})
        self._view.show_settings(
            SettingsShown(
                options={
                    "theme": tuple((one.value, word("theme", one).capitalize()) for one in Theme),
                    "text_percent": tuple((str(one), f"{one} %") for one in _PERCENTS),
                    "dates": (
                        (DateStyle.DATE_TIME_GROUP.value, "23 NOV 2026 1430Z"),
                        (DateStyle.ISO.value, "2026-11-23T14:30Z (ISO 8601)"),
                    ),
                    "lock_after_minutes": tuple(
                        (str(one), "1 minute" if one == 1 else f"{one} minutes") for one in minutes
                    ),
                },
                chosen=look.kept(here),
                fixed=(
                    ("Settings of the workstation", str(files.settings_path())),
                    ("Smart card module", self._desk.station.pkcs11_module or "none: cards are not used"),
                    ("Vault locks at the latest", f"after {limit} min without input"),
                ),
            )
        )

    def marking(self) -> str:
        """Nothing of a case is here."""
        return ""

    def use(self, chosen: Mapping[str, str]) -> None:
        """From now on, for this person."""
        self._desk.routes.restyle(look.wanted(self._desk.station, chosen))
        self._desk.notices.tell("These settings are in use, and kept under your name.")

    def reset(self) -> None:
        """As the workstation is set."""
        self._desk.routes.restyle(self._desk.station)
        self._desk.notices.tell("The settings of this workstation are in use again.")
