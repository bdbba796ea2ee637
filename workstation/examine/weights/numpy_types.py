"""Sizes of NumPy element types from their text form."""

import re

_SIMPLE = re.compile(
    r"[<>|=]?(?:([biufcSaVmM])(\d{1,6})|U(\d{1,6})|([?bB])|([hHeE])|([iIlLf])|([qQdF])|([DgG]))(\[[a-zA-Z0-9]+\])?\Z"
)


def item_bytes(descr: str) -> int | None:
    """Bytes of one element, or None for types of unknown or variable size."""
    found = _SIMPLE.match(descr)
    if found is None:
        return None
    if found[2]:
        return int(found[2])
    if found[3]:
        return 4 * int(found[3])
    sizes = ((4, 1), (5, 2), (6, 4), (7, 8))
    return next((size for group, size in sizes if found[group]), 16)
