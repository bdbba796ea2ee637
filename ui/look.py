"""Text size and theme as the person at the desk wants them, and where they were: kept in the vault."""

from collections.abc import Mapping

from workstation.core.values import CaseId
from workstation.settings import DateStyle, Settings, Theme

OF_NO_CASE, PART = CaseId(""), "window"
_STEP, _LEAST, _MOST = 25, 100, 200
_THEMES = tuple(Theme)


def larger(settings: Settings, step: int) -> Settings:
    """Text by one step larger (1) or smaller (-1), from 100 to 200 %."""
    percent = min(_MOST, max(_LEAST, settings.text_percent + step * _STEP))
    return settings.looking(text_percent=percent)


def themed(settings: Settings, theme: Theme) -> Settings:
    """Another theme."""
    return settings.looking(theme=theme)


def wanted(settings: Settings, kept: Mapping[str, str]) -> Settings:
    """The settings with what this person chose earlier; anything unreadable is left as it is set here."""
    theme, percent = kept.get("theme", ""), kept.get("text_percent", "")
    if theme in set(_THEMES):
        settings = themed(settings, Theme(theme))
    if percent.isascii() and percent.isdecimal() and len(percent) <= len(str(_MOST)):
        asked = min(_MOST, max(_LEAST, int(percent)))
        settings = settings.looking(text_percent=asked)
    if kept.get("dates", "") in set(DateStyle):
        settings = settings.looking(dates=DateStyle(kept["dates"]))
    minutes = kept.get("lock_after_minutes", "")
    if minutes.isascii() and minutes.isdecimal() and len(minutes) <= len(str(_MOST)):
        # Sooner than the workstation is set to, never later.
        asked = min(settings.lock_after_minutes, max(1, int(minutes)))
        settings = settings.looking(lock_after_minutes=asked)
    return settings


def kept(settings: Settings) -> dict[str, str]:
    """What is written down of it."""
    return {
        "theme": str(settings.theme),
        "text_percent": str(settings.text_percent),
        "dates": str(settings.dates),
        "lock_after_minutes": str(settings.lock_after_minutes),
    }
