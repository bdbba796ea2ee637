"""How a person arranged tables and panes: kept in the vault under their name, by names of widgets alone."""

from collections.abc import Callable

from ui.drafts import Drafts
from workstation.core.values import CaseId

_OF_NO_CASE, _PART = CaseId(""), "arrangement"
_MOST = 500  # tables and panes; the program has far fewer


class Arrangement:
    """Reads what is kept once a session and writes with the drafts; before unlocking nothing is kept."""

    def __init__(self, drafts: Callable[[], Drafts]) -> None:
        self._drafts = drafts

    def kept(self, name: str) -> str:
        """What was kept under a name; empty when nothing was."""
        return self._drafts().get(_OF_NO_CASE, _PART).get(name, "")

    def keep(self, name: str, words: str) -> None:
        """Keep it from now on; empty words forget it."""
        drafts = self._drafts()
        rest = {key: value for key, value in drafts.get(_OF_NO_CASE, _PART).items() if key != name}
        if words and len(rest) < _MOST:
            rest[name] = words
        drafts.put(_OF_NO_CASE, _PART, rest)
