"""Settings of this workstation: typed, frozen, no secrets; an unknown key is refused by name."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

import msgspec
import platformdirs

from workstation.core.errors import EnvironmentFault, Refused

APP_NAME = "frontier-review-workstation"
_MAX_FILE_BYTES = 64 * 1024
_MOST_NAME_CHARS = 60


class DateStyle(StrEnum):
    """How moments are written: ``23 NOV 2026 1430Z`` or ISO 8601."""

    DATE_TIME_GROUP = "dtg"
    ISO = "iso"


class Theme(StrEnum):
    """Colours of the window."""

    LIGHT = "light"
    DARK = "dark"
    HIGH_CONTRAST = "high-contrast"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator may put into ``settings.toml``."""

    vault_folder: str = ""
    lock_after_minutes: int = msgspec.field(default=15)
    dates: DateStyle = DateStyle.DATE_TIME_GROUP
    theme: Theme = Theme.LIGHT
    text_percent: int = 100
    pkcs11_module: str = ""  # full path of the module that reads smart cards; empty: no cards
    lock_on_card_removal: bool = True
    ai_name: str = "artificial intelligence"  # how the office names it on screen and in documents
    max_crl_age_days: int = 0  # refuse older revocation lists; 0: as long as they say themselves

    @property
    def max_crl_age(self) -> timedelta | None:
        """The office's policy for the age of revocation lists; ``None`` where each list speaks for itself."""
        return timedelta(days=self.max_crl_age_days) if self.max_crl_age_days else None

    def looking(
        self,
        *,
        theme: Theme | None = None,
        text_percent: int | None = None,
        dates: DateStyle | None = None,
        lock_after_minutes: int | None = None,
    ) -> "Settings":
        """The same as a person wants it: another theme, text size, way to write dates, time to the lock."""
        return msgspec.structs.replace(
            self,
            theme=self.theme if theme is None else theme,
            text_percent=self.text_percent if text_percent is None else text_percent,
            dates=self.dates if dates is None else dates,
            lock_after_minutes=self.lock_after_minutes if lock_after_minutes is None else lock_after_minutes,
        )


@dataclass(kw_only=True, eq=False)
class SettingsInvalid(Refused):
    """The settings file does not read as settings."""

    code: ClassVar[str] = "SET-010"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class LookDamaged(EnvironmentFault):
    """A file that colours, sizes or shapes come from is not as it was installed."""

    code: ClassVar[str] = "SET-012"
    names: str


def settings_path() -> Path:
    """Where the settings file lies for this user."""
    return Path(platformdirs.user_config_path(APP_NAME)) / "settings.toml"


def load(path: Path | None = None) -> Settings:
    """The settings, or the defaults where there is no file.

    Raises:
        SettingsInvalid: unreadable, an unknown key, or a value out of range.
    """
    path = path or settings_path()
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES)
        settings = msgspec.toml.decode(content, type=Settings)
    except FileNotFoundError:
        return Settings()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsInvalid(path=str(path), reason=str(error)) from error
    if not 1 <= settings.lock_after_minutes <= 60 or not 100 <= settings.text_percent <= 200:  # noqa: PLR2004
        raise SettingsInvalid(path=str(path), reason="lock_after_minutes is 1 to 60, text_percent 100 to 200")
    if not 0 <= settings.max_crl_age_days <= 3650:  # noqa: PLR2004
        raise SettingsInvalid(path=str(path), reason="max_crl_age_days is 0 to 3650")
    if not _may_name_ai(settings.ai_name):
        reason = "ai_name is 1 to 60 letters, and is never abbreviated by the letters of a control marking"
        raise SettingsInvalid(path=str(path), reason=reason)
    return settings


def _may_name_ai(name: str) -> bool:
    fits = 0 < len(name.strip()) <= _MOST_NAME_CHARS and name.isprintable()
    return fits and not re.search(r"\b[Ss]\.?[Ii]\b", name)


def vault_folder(settings: Settings) -> Path:
    """Where the real vault of this workstation lies."""
    if settings.vault_folder:
        return Path(settings.vault_folder)
    return Path(platformdirs.user_data_path(APP_NAME)) / "vault"
