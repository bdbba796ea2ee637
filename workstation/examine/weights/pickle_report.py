"""What the pickles of a file do, as findings and facts."""

from collections.abc import Callable, Iterable

from workstation.examine.reader import Notes
from workstation.examine.weights import hidden
from workstation.examine.weights.pickle_names import Reach, reach
from workstation.examine.weights.pickle_values import Name, Seen
from workstation.examine.weights.tensors import listed, shown

MAX_LISTED = 500
MAX_FINDINGS = 60
_HEAVY = 1 << 30


def report(seen: Seen, notes: Notes) -> None:
    """Judge every name and call of the pickles."""
    by_reach: dict[Reach, list[str]] = {level: [] for level in Reach}
    for name in seen.names:
        by_reach[reach(name.module, name.name)].append(f"{name.module} {name.name}")
    dangerous = sorted({*by_reach[Reach.DANGEROUS], *seen.computed})
    _into(notes, "globals", [f"{name.module} {name.name}" for name in seen.names])
    _into(notes, "dangerous", dangerous)
    _into(notes, "enabling", by_reach[Reach.ENABLING])
    _into(notes, "unlisted", by_reach[Reach.UNLISTED])
    notes.facts["protocol"] = seen.protocol
    notes.facts["operations"] = seen.operations
    _torch_facts(seen, notes)
    for text in (dangerous + sorted(by_reach[Reach.ENABLING]))[:MAX_FINDINGS]:
        notes.danger("MODEL_CODE", f"loading looks up {shown(text)}")
    if by_reach[Reach.UNLISTED]:
        notes.caution("MODEL_CODE", f"not on the list of harmless names: {_some(by_reach[Reach.UNLISTED])}")
    if by_reach[Reach.CARRIER]:
        notes.caution("MODEL_HIDDEN", f"carries Python functions: {_some(by_reach[Reach.CARRIER])}")
    _conduct(seen, notes)


def _conduct(seen: Seen, notes: Notes) -> None:
    if seen.altered:
        names = [f"{name.module} {name.name}" for name in list(seen.altered)[:MAX_LISTED]]
        notes.danger("MODEL_CODE", f"loading changes a module or class: {_some(names)}")
    if seen.function_calls:
        notes.danger("MODEL_CODE", "loading calls a function that the file itself carries")
    if seen.computed_calls:
        notes.caution("MODEL_CODE", f"{seen.computed_calls} calls of something made while loading")
    if seen.heaviest > max(_HEAVY, 1_000 * seen.operations):
        notes.caution("MODEL_EXPANSION", f"written out, its containers hold {seen.heaviest} items")
    if seen.names_dropped:
        notes.incomplete("EXAMINE_LIMIT", f"{seen.names_dropped} more names looked up")


def _torch_facts(seen: Seen, notes: Notes) -> None:
    if not seen.tensors:
        return
    notes.facts["tensors"] = seen.tensors
    notes.facts["parameters"] = seen.parameters
    kinds: dict[str, int] = {}
    for kind, _elements in seen.stores.values():
        kinds[shown(kind, 60)] = kinds.get(shown(kind, 60), 0) + 1
    notes.facts["dtypes"] = dict(sorted(kinds.items())[:100])


def look_inside(
    content: bytes | str, where: str, notes: Notes, followed: Callable[[bytes], Seen | None]
) -> None:
    """Caution about a pickle packed into a constant or behind the end; note what it would look up."""
    for layer, inner in enumerate(hidden.layers(content)):
        starts = [0] if hidden.starts_like_pickle(inner) else []
        starts += [start for start in hidden.pickle_offsets(inner) if start]
        for start in starts:
            seen = followed(inner[start:])
            # In the middle of other bytes only a pickle that names something tells chance from intent.
            if seen is None or (start and not any(map(_is_plausible, seen.names))):
                continue
            names = [f"{name.module} {name.name}" for name in seen.names]
            packed = f" under {layer} layers of encoding" if layer else ""
            notes.caution("MODEL_HIDDEN", f"a pickle in {where}{packed}: {_some(names) or 'no names'}")
            kept = notes.facts.setdefault("hidden_globals", [])
            if isinstance(kept, list):
                kept += [name for name in map(shown, names) if name not in kept][: MAX_LISTED - len(kept)]
            return


def _is_plausible(name: Name) -> bool:
    return all(part.isidentifier() for part in f"{name.module}.{name.name}".split("."))


def _into(notes: Notes, fact: str, names: Iterable[str]) -> None:
    known = notes.facts.get(fact)
    notes.facts[fact] = listed([*(known if isinstance(known, list) else []), *names], MAX_LISTED)


def _some(names: list[str]) -> str:
    listed = ", ".join(shown(name, 80) for name in sorted(set(names))[:12])
    return listed + (f" and {len(set(names)) - 12} more" if len(set(names)) > 12 else "")  # noqa: PLR2004
