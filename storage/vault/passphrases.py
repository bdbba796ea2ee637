"""Which passphrases are taken: long, not monotonous, not the name, not a row of the keyboard.

Length is what counts (NIST SP 800-63B-4: 15 characters where a passphrase is the only factor, no rules on
kinds of characters). The check never makes a ``str`` of the whole passphrase that would outlive it.
"""

import codecs
from itertools import pairwise
from typing import Final

from workstation.core.vault_errors import PassphraseTooWeak

MIN_CHARACTERS: Final = 15
MAX_BYTES: Final = 1_024
_MIN_DISTINCT = 6
_SHORT_NAME = 3  # a name this short is part of ordinary words
_ROWS = (
    b"abcdefghijklmnopqrstuvwxyz",
    b"01234567890",
    b"qwertyuiopasdfghjklzxcvbnm",
    b"qwertzuiopasdfghjklyxcvbnm",
)


def require_strong(passphrase: bytearray, login_name: str) -> None:
    """Refuse a passphrase that is too easily guessed.

    Raises:
        PassphraseTooWeak: ``rule`` says which of the rules.
    """
    rule = _broken_rule(passphrase, login_name.casefold().encode())
    if rule:
        raise PassphraseTooWeak(rule=rule, minimum_characters=MIN_CHARACTERS)


def _broken_rule(passphrase: bytearray, name: bytes) -> str:
    if len(passphrase) > MAX_BYTES:
        return "too-long"
    characters = _characters(passphrase)
    if characters is None:
        return "encoding"
    if characters < MIN_CHARACTERS:
        return "length"
    if len(set(passphrase)) < _MIN_DISTINCT:
        return "variety"
    lower = passphrase.lower()
    try:
        if len(name) > _SHORT_NAME and len(lower.replace(name, b"")) < MIN_CHARACTERS // 2:
            return "login"
        return "sequence" if any(_made_of(lower, row) for row in _ROWS) else ""
    finally:
        lower[:] = bytes(len(lower))


def _characters(passphrase: bytearray) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        count = sum(len(decoder.decode(passphrase[i : i + 1])) for i in range(len(passphrase)))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return count


def _made_of(lower: bytearray, row: bytes) -> bool:
    """Whether each character is the neighbour of the one before in ``row``, one way, two slips aside."""
    for run in (row, row[::-1]):
        neighbours = dict(pairwise(run))
        slips = sum(1 for one, two in pairwise(lower) if neighbours.get(one) != two)
        if slips <= 2:  # noqa: PLR2004 - see the docstring
            return True
    return False
