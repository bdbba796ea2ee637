"""Every key of the window in one table: it binds them and it is the sheet that Ctrl+/ shows."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Key:
    """``act`` names what the window does; empty where a page or Qt itself answers the key."""

    keys: str
    words: str
    act: str = ""


KEYS: tuple[Key, ...] = (
    Key(keys="Ctrl+L", words="Lock the vault", act="lock"),
    Key(keys="F1", words="Help for this page", act="help"),
    Key(keys="Ctrl+/", words="This list of keys", act="keys"),
    Key(keys="Ctrl+K", words="Find anything: cases, files, questions, findings, commands", act="search"),
    Key(keys="Ctrl+F", words="Find on this page, or in all pages of the opened file", act="find"),
    Key(keys="F3", words="The next place found", act="find-next"),
    Key(keys="Shift+F3", words="The place found before", act="find-previous"),
    Key(keys="F6", words="Next part of the window", act="next-pane"),
    Key(keys="Shift+F6", words="Previous part of the window", act="previous-pane"),
    Key(keys="Ctrl+PgDown", words="Next tab of a case", act="next-tab"),
    Key(keys="Ctrl+PgUp", words="Previous tab of a case", act="previous-tab"),
    Key(keys="F5", words="Read this page again", act="refresh"),
    Key(
        keys="Esc",
        words="Close finding or the notice; go back from help or from finding anything",
        act="back",
    ),
    Key(keys="Ctrl++", words="Larger text, up to 200 %", act="larger"),
    Key(keys="Ctrl+-", words="Smaller text, down to 100 %", act="smaller"),
    Key(keys="Ctrl+,", words="Settings: theme, size of text, dates, lock", act="settings"),
    Key(keys="Ctrl+Q", words="Lock and close", act="quit"),
    Key(keys="Ctrl+Return", words="Save the answer and go on to the next criterion (checklist)"),
    Key(keys="Return", words="Open the chosen row; press the chosen button"),
    Key(keys="Alt and a letter", words="The place or tab with that letter underlined"),
    Key(keys="Tab, Shift+Tab", words="Next and previous field, also out of fields of several lines"),
    Key(
        keys="Page Up, Page Down",
        words="Scroll, and turn at the edge: the pages of a report or an opened file",
    ),
    Key(
        keys="F8, Shift+F8",
        words="Sort a table by its next column; turn the order. Pressing a header does the same",
    ),
    Key(
        keys="Ctrl+Shift+Left, Ctrl+Shift+Right",
        words="The column of the chosen cell narrower or wider; kept for you, as what the mouse sets",
    ),
    Key(keys="Ctrl+Alt+arrows", words="Move the border between two panes; kept for you"),
    Key(keys="Ctrl+G", words="Go to a page, or a byte, of the opened file"),
    Key(
        keys="Ctrl+Enter",
        words="In an opened file: use this place as evidence; in what changed: the file as it was before",
    ),
    Key(keys="Alt+Left", words="Back from an opened file, or from what changed, to the package"),
    Key(keys="Alt+Up", words="Back to the container in which the opened file lies"),
)


def sheet() -> str:
    """The table as plain text."""
    width = max(len(key.keys) for key in KEYS)
    return "\n".join(f"{key.keys.ljust(width)}   {key.words}" for key in KEYS)
