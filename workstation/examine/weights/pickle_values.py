"""What the pickle machine works on, and what it remembers of a file's pickles."""

from dataclasses import dataclass, field

from workstation.examine.weights.pickle_opcodes import Span

MAX_NAMES = 5_000
MAX_ITEMS = 16
MAX_WEIGHT = 1 << 62


@dataclass(frozen=True, slots=True)
class Name:
    """A module and a name the pickle looks up, as typed."""

    module: str
    name: str


@dataclass(slots=True, eq=False)
class Made:
    """What a call returns."""

    maker: object
    arguments: object = None
    state: object = None


@dataclass(slots=True, eq=False)
class Box:
    """A container: how much it would hold if written out, and its first items."""

    weight: int = 1
    items: list[object] = field(default_factory=list)

    def take(self, values: list[object]) -> None:
        """Put values in."""
        room = MAX_ITEMS - len(self.items)
        if room > 0:
            self.items.extend(values[:room])
        for value in values:
            self.weight += value.weight if isinstance(value, Box) else 1
        self.weight = min(self.weight, MAX_WEIGHT)

    def named(self) -> dict[str, object]:
        """The items as the pairs of a dictionary."""
        keys, values = self.items[::2], self.items[1::2]
        return {key: value for key, value in zip(keys, values, strict=False) if isinstance(key, str)}


@dataclass(kw_only=True)
class Seen:
    """What one or more pickles of a file do."""

    names: dict[Name, None] = field(default_factory=dict)
    computed: dict[str, None] = field(default_factory=dict)  # lookups by a value only known at load time
    calls: int = 0
    computed_calls: int = 0
    function_calls: int = 0  # calls of a function that the pickle itself carries
    altered: dict[Name, None] = field(default_factory=dict)  # modules or classes whose state is set
    payloads: list[Span | str] = field(default_factory=list)  # constants worth a look
    stores: dict[str, tuple[str, int]] = field(default_factory=dict)  # torch storages: type name, elements
    tensors: int = 0
    parameters: int = 0
    heaviest: int = 0
    protocol: int = 0
    operations: int = 0
    names_dropped: int = 0
    payloads_dropped: int = 0

    def name(self, name: Name) -> Name:
        """Remember a looked-up name, up to a bound."""
        if len(self.names) < MAX_NAMES:
            self.names[name] = None
        elif name not in self.names:
            self.names_dropped += 1
        return name
