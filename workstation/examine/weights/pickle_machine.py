"""A pickle's stack machine run on placeholders: it finds out which names are looked up and called, without
looking up or calling anything.

Stack, memo and kept text are bounded; shared containers are weighed, never expanded, so a pickle whose value
would be astronomically large costs no more than its opcodes.
"""

from collections.abc import Callable

from workstation.examine.reader import Unreadable
from workstation.examine.weights import hidden
from workstation.examine.weights.pickle_opcodes import Operation, Span, broken
from workstation.examine.weights.pickle_values import MAX_NAMES, MAX_WEIGHT, Box, Made, Name, Seen

MAX_OPERATIONS = 6_000_000
MAX_STACK = 1_000_000
MAX_MEMO = 1_000_000
_LIMITS_EVERY = 0x3FF
MAX_KEPT_CHARS = 64 << 20
MAX_PAYLOADS = 20_000
MAX_DOUBTFUL = 2_000  # words and hash sums look like base64 too; a sample of them is enough
UNKNOWN = "unknown"


class Machine:
    """One pickle's run."""

    def __init__(self, seen: Seen, is_function_maker: Callable[[Name], bool]) -> None:
        self.seen = seen
        self.is_function_maker = is_function_maker
        self.stack: list[object] = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}
        self.kept_chars = 0
        self.built: Made | None = None  # the object whose state was set by the last operation

    def step(self, operation: Operation) -> None:
        """Apply one operation; a stack that does not fit it is noted as a break, not followed further."""
        self.seen.operations += 1
        if not self.seen.operations & _LIMITS_EVERY:
            self._require_limits()
        self.built = None
        _STEPS[operation[1]](self, operation[2])

    def _require_limits(self) -> None:
        if self.seen.operations > MAX_OPERATIONS:
            raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_OPERATIONS} operations")
        if len(self.stack) > MAX_STACK or len(self.memo) > MAX_MEMO:
            raise Unreadable("EXAMINE_LIMIT", f"stack or memo beyond {MAX_STACK}")

    @property
    def result(self) -> object:
        """The value STOP returns, or None."""
        return self.stack[-1] if self.stack else None

    def _pop(self) -> object:
        floor = self.marks[-1] if self.marks else 0
        if len(self.stack) <= floor:
            raise broken("takes from an empty stack")
        return self.stack.pop()

    def _since_mark(self) -> list[object]:
        if not self.marks:
            raise broken("no mark")
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def push(self, value: object) -> None:
        """A value without meaning here."""
        self.stack.append(value)

    def text(self, value: object) -> None:
        """A text constant: a possible name, a possible payload."""
        if isinstance(value, Span):
            self.payload(value)
        elif isinstance(value, str):
            self.kept_chars += len(value) + 50
            if self.kept_chars > MAX_KEPT_CHARS:
                raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_KEPT_CHARS} characters of text")
            if hidden.may_encode(value):
                self._remember(value, worth=hidden.looks_packed(value))
            self.stack.append(value)

    def payload(self, value: object) -> None:
        """A constant of bytes, kept as a place in the file."""
        if isinstance(value, Span) and value.size_bytes >= hidden.LEAST_BYTES:
            self._remember(value, worth=value.head.startswith(hidden.WORTH_A_LOOK))
        self.stack.append(None)

    def _remember(self, payload: Span | str, *, worth: bool) -> None:
        if len(self.seen.payloads) < (MAX_PAYLOADS if worth else MAX_DOUBTFUL):
            self.seen.payloads.append(payload)
        elif worth:
            self.seen.payloads_dropped += 1

    def lookup(self, argument: object) -> None:
        """GLOBAL: both names follow in the opcode."""
        if isinstance(argument, tuple):
            module, name = argument
            self.stack.append(self.seen.name(Name(module, name)))

    def stack_lookup(self, _argument: object) -> None:
        """STACK_GLOBAL: both names come from the stack, where anything may stand."""
        name, module = self._pop(), self._pop()
        if isinstance(module, str) and isinstance(name, str):
            self.stack.append(self.seen.name(Name(module, name)))
        elif type(module) is int or type(name) is int:
            # A number is no name: the real machine stops here, so nothing is reached.
            self.stack.append(self.seen.name(Name(str(module), str(name))))
        else:
            self._compute(_spelled(module), name if isinstance(name, str) else UNKNOWN)

    def _compute(self, module: str, name: str) -> None:
        if len(self.seen.computed) < MAX_NAMES:
            self.seen.computed[f"{module} {name}"] = None
        self.stack.append(Made(Name(module, name)))

    def extension(self, argument: object) -> None:
        """EXT: a name registered in the loading program under a number."""
        self.stack.append(self.seen.name(Name("copyreg._extension_registry", str(argument))))

    def instance(self, argument: object) -> None:
        """INST: names in the opcode, arguments since the mark, called at once."""
        values = self._since_mark()
        if isinstance(argument, tuple):
            module, name = argument
            self._call(self.seen.name(Name(module, name)), _box(values))

    def obj(self, _argument: object) -> None:
        """OBJ: the class is the first value since the mark."""
        values = self._since_mark()
        if not values:
            raise broken("OBJ without a class")
        self._call(values[0], _box(values[1:]))

    def reduce(self, _argument: object) -> None:
        """REDUCE and NEWOBJ: call with a tuple of arguments."""
        arguments = self._pop()
        self._call(self._pop(), arguments)

    def new_with_keywords(self, _argument: object) -> None:
        """NEWOBJ_EX: keywords, arguments, class."""
        self._pop()
        self.reduce(None)

    def _call(self, callee: object, arguments: object) -> None:
        self.seen.calls += 1
        if isinstance(callee, Made):
            made_by = callee.maker
            if isinstance(made_by, Name) and self.is_function_maker(made_by):
                self.seen.function_calls += 1
            else:
                self.seen.computed_calls += 1
        elif (
            isinstance(callee, Name)
            and callee.name.startswith("_rebuild_")
            and callee.module == "torch._utils"
        ):
            self._count_tensor(callee, arguments)
        elif not isinstance(callee, Name):
            self.seen.computed_calls += 1
        self.stack.append(Made(callee, arguments))

    def _count_tensor(self, callee: Name, arguments: object) -> None:
        # The size is the third argument of every function that rebuilds a tensor from a storage.
        if "_parameter" in callee.name or not isinstance(arguments, Box):
            return
        self.seen.tensors += 1
        sizes = arguments.items[2] if len(arguments.items) > 2 else None  # noqa: PLR2004 - the third
        count = 1
        for size in sizes.items if isinstance(sizes, Box) else []:
            count *= size if type(size) is int and size >= 0 else 1
        self.seen.parameters = min(self.seen.parameters + min(count, MAX_WEIGHT), MAX_WEIGHT)

    def build(self, _argument: object) -> None:
        """BUILD: set the state of what lies below it."""
        state = self._pop()
        target = self.result
        if isinstance(target, Name):
            self.seen.altered[target] = None
        elif isinstance(target, Made):
            target.state = state
            self.built = target

    def persistent(self, argument: object) -> None:
        """PERSID and BINPERSID: torch names a storage by type, key, place and length."""
        value = self._pop() if argument is None else argument
        items = value.items if isinstance(value, Box) else []
        if len(items) >= 5 and items[0] == "storage" and isinstance(items[1], Name):  # noqa: PLR2004
            key, elements = items[2], items[4]
            if isinstance(key, str) and type(elements) is int and len(self.seen.stores) < MAX_MEMO // 10:
                self.seen.stores[key] = (items[1].name, elements)
        self.stack.append(None)

    def put(self, argument: object) -> None:
        """PUT and its kin: remember the top under a number."""
        if not self.stack:
            raise broken("PUT on an empty stack")
        if type(argument) is int:
            self.memo[argument] = self.stack[-1]

    def memoize(self, _argument: object) -> None:
        """MEMOIZE: remember under the next number."""
        self.put(len(self.memo))

    def get(self, argument: object) -> None:
        """GET and its kin; a number never put stops the real machine and hides nothing from this one."""
        self.stack.append(self.memo.get(argument) if type(argument) is int else None)

    def mark(self, _argument: object) -> None:
        """MARK."""
        self.marks.append(len(self.stack))

    def pop(self, _argument: object) -> None:
        """POP: a value, or a mark when nothing lies on it."""
        if self.marks and self.marks[-1] == len(self.stack):
            self.marks.pop()
        else:
            self._pop()

    def pop_mark(self, _argument: object) -> None:
        """POP_MARK."""
        self._since_mark()

    def dup(self, _argument: object) -> None:
        """DUP."""
        if not self.stack:
            raise broken("DUP on an empty stack")
        self.stack.append(self.stack[-1])

    def container(self, _argument: object) -> None:
        """An empty container."""
        self.stack.append(Box())

    def gathered(self, _argument: object) -> None:
        """A container of what lies since the mark."""
        self._weigh(_box(self._since_mark()))

    def tuple_of(self, count: int) -> None:
        """A tuple of the top values."""
        values = [self._pop() for _ in range(count)][::-1]
        self._weigh(_box(values))

    def _weigh(self, box: Box) -> None:
        self.seen.heaviest = max(self.seen.heaviest, box.weight)
        self.stack.append(box)

    def put_in(self, values: list[object]) -> None:
        """Values go into the container below them."""
        target = self.result
        if isinstance(target, Box):
            target.take(values)
            self.seen.heaviest = max(self.seen.heaviest, target.weight)

    def append_many(self, _argument: object) -> None:
        """APPENDS, SETITEMS, ADDITEMS."""
        self.put_in(self._since_mark())

    def append_one(self, _argument: object) -> None:
        """APPEND."""
        self.put_in([self._pop()])

    def set_one(self, _argument: object) -> None:
        """SETITEM."""
        value = self._pop()
        self.put_in([self._pop(), value])

    def proto(self, argument: object) -> None:
        """PROTO."""
        if isinstance(argument, int):
            if argument > 5:  # noqa: PLR2004 - the highest protocol there is
                raise broken(f"protocol {argument}")
            self.seen.protocol = max(self.seen.protocol, argument)


def _box(values: list[object]) -> Box:
    box = Box()
    box.take(values)
    return box


def _spelled(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Name):
        return value.name
    if isinstance(value, Made) and isinstance(value.maker, Name):
        return value.maker.name
    return UNKNOWN


def _nothing(_machine: Machine, _argument: object) -> None:
    """The operation has no effect on what is followed here."""


def _steps(
    names: str, step: Callable[[Machine, object], None]
) -> dict[str, Callable[[Machine, object], None]]:
    return dict.fromkeys(names.split(), step)


_STEPS: dict[str, Callable[[Machine, object], None]] = {
    **_steps(
        "INT BININT BININT1 BININT2 LONG LONG1 LONG4 NONE NEWTRUE NEWFALSE FLOAT BINFLOAT", Machine.push
    ),
    **_steps(
        "STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8", Machine.text
    ),
    **_steps("BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8", Machine.payload),
    **_steps("NEXT_BUFFER", Machine.push),
    **_steps("READONLY_BUFFER FRAME STOP", _nothing),
    **_steps("GLOBAL", Machine.lookup),
    **_steps("STACK_GLOBAL", Machine.stack_lookup),
    **_steps("EXT1 EXT2 EXT4", Machine.extension),
    **_steps("INST", Machine.instance),
    **_steps("OBJ", Machine.obj),
    **_steps("REDUCE NEWOBJ", Machine.reduce),
    **_steps("NEWOBJ_EX", Machine.new_with_keywords),
    **_steps("BUILD", Machine.build),
    **_steps("PERSID BINPERSID", Machine.persistent),
    **_steps("PUT BINPUT LONG_BINPUT", Machine.put),
    **_steps("MEMOIZE", Machine.memoize),
    **_steps("GET BINGET LONG_BINGET", Machine.get),
    **_steps("MARK", Machine.mark),
    **_steps("POP", Machine.pop),
    **_steps("POP_MARK", Machine.pop_mark),
    **_steps("DUP", Machine.dup),
    **_steps("EMPTY_LIST EMPTY_DICT EMPTY_SET", Machine.container),
    **_steps("EMPTY_TUPLE TUPLE0", Machine.container),
    **_steps("LIST DICT TUPLE FROZENSET", Machine.gathered),
    "TUPLE1": lambda machine, _argument: machine.tuple_of(1),
    "TUPLE2": lambda machine, _argument: machine.tuple_of(2),
    "TUPLE3": lambda machine, _argument: machine.tuple_of(3),
    **_steps("APPENDS SETITEMS ADDITEMS", Machine.append_many),
    **_steps("APPEND", Machine.append_one),
    **_steps("SETITEM", Machine.set_one),
    **_steps("PROTO", Machine.proto),
}
