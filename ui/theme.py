"""Colours, type and style sheet from named tokens."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

import resources
from workstation.core.errors import WorkstationError
from workstation.settings import Settings, Theme

_ARROW_PX = {"arrow": 6, "arrow_half": 5}  # of a list to choose from; it grows with the text
_TOKEN = re.compile(r"@([a-z_]+)")
_SPACE_PX = 4
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LEAST_PT, _MOST_PT = 6.0, 40.0
# Missing, not text, not TOML, or without what is looked up in it.
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
_LEVEL_TOKENS = {
    "UNCLASSIFIED": "unclassified",
    "CUI": "cui",
    "RESTRICTED": "confidential",  # foreign only; nothing lower would cover it
    "CONFIDENTIAL": "confidential",
    "SECRET": "secret",
}
_LEVELS = frozenset({*_LEVEL_TOKENS.values(), "top-secret", "top-secret-sci", "none"})


# What is drawn with where the files are damaged: black on white, every level alike but for its words.
_PLAIN = {
    **dict.fromkeys(("window", "surface", "raised", "accent_text"), "#FFFFFF"),
    "selection": "#D0D0D0",
    **dict.fromkeys(("text", "muted", "line", "control", "accent", "focus"), "#000000"),
    **dict.fromkeys(("danger", "caution", "good"), "#000000"),
}
_PLAIN_TYPE = {"body_pt": 10.5, "small_pt": 9.0, "title_pt": 17.0, "section_pt": 12.5, "digest_pt": 9.0}
_PLAIN_PAIR = ("#FFFFFF", "#000000")
_TOKENS, _MARKINGS, _SHEET = "styles/tokens.toml", "styles/markings.toml", "styles/window.qss"
_damaged: set[str] = set()


def damaged() -> tuple[str, ...]:
    """Files of the look that were read and are not as they should be; plain values stand for theirs."""
    return tuple(sorted(_damaged))


@cache
def _marking_pairs() -> Mapping[str, tuple[str, str]]:
    """Background and text by level: the same file that the report is coloured from."""
    try:
        read = tomllib.loads(resources.read_text(_MARKINGS))
        pairs = {name: (_colour(pair[0]), _colour(pair[1])) for name, pair in read.items()}
        return {name: pairs[name] for name in _LEVELS}
    except _UNREADABLE:
        _damaged.add(_MARKINGS)
        return dict.fromkeys(_LEVELS, _PLAIN_PAIR)


@cache
def tokens() -> Mapping[str, Mapping[str, object]]:
    """Everything in ``tokens.toml``."""
    try:
        read = tomllib.loads(resources.read_text(_TOKENS))
        themes = {str(name): {key: _colour(read[name][key]) for key in _PLAIN} for name in Theme}
        return {**themes, "type": {key: _size(read["type"][key]) for key in _PLAIN_TYPE}}
    except _UNREADABLE:
        _damaged.add(_TOKENS)
        return {**dict.fromkeys(map(str, Theme), _PLAIN), "type": _PLAIN_TYPE}


@cache
def _sheet() -> str:
    try:
        return resources.read_text(_SHEET)
    except _UNREADABLE:
        _damaged.add(_SHEET)
        return ""


def _colour(value: object) -> str:
    if not (isinstance(value, str) and _COLOUR.fullmatch(value)):
        raise ValueError(value)
    return value


def _size(value: object) -> float:
    if not (isinstance(value, float) and _LEAST_PT <= value <= _MOST_PT):
        raise ValueError(value)
    return value


def space(steps: int) -> int:
    """A distance in pixels at 100 %: multiples of 4."""
    return steps * _SPACE_PX


def colour(theme: str, name: str) -> QColor:
    """One colour of a theme."""
    return QColor(str(tokens()[theme][name]))


def marking_colours(banner: str) -> tuple[str, str]:
    """Background and text colour of a classification banner; the text itself is always shown too."""
    return _marking_pairs()[_marking_token(banner)]


def _marking_token(banner: str) -> str:
    if not banner:
        return "none"
    from workstation.app.markings import parse_marking  # noqa: PLC0415 - the window is drawn before it is loaded
    from workstation.core.markings import Level  # noqa: PLC0415

    try:
        marking = parse_marking(banner)
    except WorkstationError:
        return "none"
    if marking.level is Level.TOP_SECRET:
        return "top-secret-sci" if marking.sci else "top-secret"
    return _LEVEL_TOKENS[marking.level.name]


def style_sheet(settings: Settings) -> str:
    """The window's style sheet with every token filled in."""
    scale = settings.text_percent / 100
    values = {name: str(value) for name, value in tokens()[settings.theme].items()}
    values |= {name: f"{float(str(size)) * scale:.2f}pt" for name, size in tokens()["type"].items()}
    values |= {name: f"{px * scale:.0f}px" for name, px in _ARROW_PX.items()}
    try:
        return _TOKEN.sub(lambda match: values[match[1]], _sheet())
    except KeyError:  # a name that no token has
        _damaged.add(_SHEET)
        return ""


@cache
def _add_font(name: str) -> None:
    if QFontDatabase.addApplicationFontFromData(resources.read_bytes(name)) < 0:
        _damaged.add(name)


def apply(application: QApplication, settings: Settings) -> None:
    """Bundled fonts, Fusion and palette: the same on every machine."""
    for name in resources.names("fonts"):
        if name.endswith(".ttf"):
            _add_font(name)
    application.setStyle("Fusion")
    application.setPalette(_palette(settings.theme))
    font = QFont("IBM Plex Sans")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    font.setPointSizeF(float(str(tokens()["type"]["body_pt"])) * settings.text_percent / 100)
    application.setFont(font)


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
