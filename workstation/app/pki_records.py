"""What the vault keeps of the office's own public-key infrastructure: named values, written whole."""

from collections.abc import Mapping, Sequence

import msgspec

from workstation.core.pki import ListedAuthority
from workstation.core.ports import Work

_AUTHORITIES, _LISTS = "signing/pki/authorities", "signing/pki/lists"


def authorities(work: Work) -> tuple[ListedAuthority, ...]:
    """Every issuing authority that ever was on the list, in the order of listing."""
    kept = work.blob(_AUTHORITIES)
    return msgspec.json.decode(kept, type=tuple[ListedAuthority, ...]) if kept else ()


def keep_authorities(work: Work, listed: Sequence[ListedAuthority]) -> None:
    """The list as it is from now on."""
    work.put_blob(_AUTHORITIES, msgspec.json.encode(tuple(listed)))


def lists(work: Work) -> dict[str, bytes]:
    """The newest revocation list (DER) of each authority, by the authority's fingerprint."""
    kept = work.blob(_LISTS)
    return msgspec.json.decode(kept, type=dict[str, bytes]) if kept else {}


def keep_lists(work: Work, newest: Mapping[str, bytes]) -> None:
    """The lists as they are from now on."""
    work.put_blob(_LISTS, msgspec.json.encode(dict(newest)))
