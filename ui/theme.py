"""Colours, type and style sheet from named tokens."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

import resources
from workstation.settings import Settings

_TOKEN = re.compile(r"@([a-z_]+)")
_SPACE_PX = 4


@cache
def tokens() -> Mapping[str, Mapping[str, object]]:
    """Everything in ``tokens.toml``."""
    return tomllib.loads(resources.read_text("styles/tokens.toml"))


def space(steps: int) -> int:
    """A distance in pixels at 100 %: multiples of 4."""
    return steps * _SPACE_PX


def colour(theme: str, name: str) -> QColor:
    """One colour of a theme."""
    return QColor(str(tokens()[theme][name]))


def marking_colours(banner: str) -> tuple[str, str]:
    """Background and text colour of a classification banner; the text itself is always shown too."""
    level = banner.split("//", 1)[0].strip()
    names = {
        "UNCLASSIFIED": "unclassified",
        "CUI": "cui",
        "CONTROLLED": "cui",
        "CONFIDENTIAL": "confidential",
        "SECRET": "secret",
        "TOP SECRET": "top-secret-sci" if "TOP SECRET//" in banner and "SI" in banner else "top-secret",
    }
    pair = tokens()["marking"][names.get(level, "none")]
    return (str(pair[0]), str(pair[1])) if isinstance(pair, list) else ("", "")


def style_sheet(settings: Settings) -> str:
    """The window's style sheet with every token filled in."""
    scale = settings.text_percent / 100
    values = {name: str(value) for name, value in tokens()[settings.theme].items()}
    values |= {name: f"{float(str(size)) * scale:.2f}pt" for name, size in tokens()["type"].items()}
    return _TOKEN.sub(lambda match: values[match[1]], resources.read_text("styles/window.qss"))


def apply(application: QApplication, settings: Settings) -> None:
    """Bundled fonts, Fusion, palette and style sheet: the same on every machine."""
    for name in resources.names("fonts"):
        if name.endswith(".ttf"):
            QFontDatabase.addApplicationFontFromData(resources.read_bytes(name))
    application.setStyle("Fusion")
    application.setPalette(_palette(settings.theme))
    font = QFont("IBM Plex Sans")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setPointSizeF(float(str(tokens()["type"]["body_pt"])) * settings.text_percent / 100)
    application.setFont(font)
    application.setStyleSheet(style_sheet(settings))


def _palette(theme: str) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: "window",
        QPalette.ColorRole.Base: "surface",
        QPalette.ColorRole.AlternateBase: "window",
        QPalette.ColorRole.Button: "raised",
        QPalette.ColorRole.Text: "text",
        QPalette.ColorRole.WindowText: "text",
        QPalette.ColorRole.ButtonText: "text",
        QPalette.ColorRole.PlaceholderText: "muted",
        QPalette.ColorRole.Highlight: "selection",
        QPalette.ColorRole.HighlightedText: "text",
        QPalette.ColorRole.ToolTipBase: "surface",
        QPalette.ColorRole.ToolTipText: "text",
        QPalette.ColorRole.Link: "accent",
    }
    palette = QPalette()
    for role, name in roles.items():
        palette.setColor(role, colour(theme, name))
    return palette
