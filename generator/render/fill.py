"""Put values into skeletons: at once, or by code made for a skeleton that is met again and again."""

from collections.abc import Callable, Iterator
from typing import Any

from generator.finding import Rule
from generator.render import rules
from generator.render.marks import describe, text_of
from generator.render.skeleton import Fixed, Hole, Mapping, Plan, Sequence, Skeleton, Text

Filler = Callable[[list[Any]], list[Any]]

MAX_CODE_PLANS = 5_000
MAX_CODE_DEPTH = 40  # Python's own compiler nests no deeper than about twice this


class UnfitError(Exception):
    """A value does not fit its hole; `number` is the hole's, `rule` and `reason` say why."""

    def __init__(self, number: int, rule: Rule, reason: str) -> None:
        self.number = number
        self.rule = rule
        self.reason = reason
        super().__init__(reason)


def _text(number: int, value: Any) -> str:
    try:
        return text_of(value)
    except TypeError as error:
        raise UnfitError(number, rules.VALUE_NOT_TEXT, str(error)) from None


def _joined(parts: tuple[str | int, ...], values: list[Any]) -> str:
    if len(parts) == 1 and isinstance(parts[0], int) and isinstance(values[parts[0]], str):
        return values[parts[0]]  # type: ignore[no-any-return] # the same object: a value may know where it is from
    return "".join(part if isinstance(part, str) else _text(part, values[part]) for part in parts)


def _number(key: Hole | Text) -> int:
    return key.number if isinstance(key, Hole) else next(part for part in key.parts if isinstance(part, int))


def fill_plan(plan: Plan, values: list[Any]) -> Any:
    """The data a plan makes of values. Raises UnfitError."""
    if isinstance(plan, Hole):
        return values[plan.number]
    if isinstance(plan, Text):
        return _joined(plan.parts, values)
    if isinstance(plan, Fixed):
        return plan.value
    if isinstance(plan, Sequence):
        return [fill_plan(item, values) for item in plan.items]
    return _keyed(((key, fill_plan(item, values)) for key, item in plan.items), values)


def _keyed(items: Iterator[tuple[str | Hole | Text, Any]], values: list[Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    last = 0
    for plan, value in items:
        key: Any = plan
        if not isinstance(plan, str):
            last = _number(plan)
            key = values[plan.number] if isinstance(plan, Hole) else _joined(plan.parts, values)
            if not isinstance(key, str):
                reason = f"{describe(key)} is a mapping's key, which must be a string"
                raise UnfitError(last, rules.KEY_UNFIT, reason)
        if key in out:
            raise UnfitError(last, rules.KEY_UNFIT, f'key "{key}" stands twice in one mapping')
        out[key] = value
    return out


def compile_fill(skeleton: Skeleton) -> Filler:
    """A function that fills the skeleton: values in, one item for each document out. Raises UnfitError."""
    if sum(map(_size, skeleton.plans)) > MAX_CODE_PLANS or max(map(_depth, skeleton.plans), default=0) > MAX_CODE_DEPTH:
        return lambda values: [fill_plan(plan, values) for plan in skeleton.plans]
    writer = _Writer()
    body = ", ".join(writer.expression(plan) for plan in skeleton.plans)
    names = sorted(writer.used)
    unpack = ""
    if names:
        slots = ", ".join(f"v{n}" if n in writer.used else "_" for n in range(names[-1] + 1))
        unpack = f"    {slots}, = values if len(values) == {names[-1] + 1} else values[:{names[-1] + 1}]\n"
    code = f"def fill(values):\n{unpack}    return [{body}]\n"
    # The code is made of our own names, numbers and repr of plain scalars: nothing of a template or value runs.
    scope: dict[str, Any] = {"text": _text, "joined": _joined, "keyed": _keyed, "K": writer.constants}
    exec(compile(code, "<skeleton>", "exec"), scope)  # noqa: S102
    filler: Filler = scope["fill"]
    return filler


def _size(plan: Plan) -> int:
    if isinstance(plan, Sequence):
        return 1 + sum(map(_size, plan.items))
    if isinstance(plan, Mapping):
        return 1 + sum(_size(item) for _, item in plan.items)
    return 1


def _depth(plan: Plan) -> int:
    if isinstance(plan, Sequence):
        return 1 + max(map(_depth, plan.items), default=0)
    if isinstance(plan, Mapping):
        return 1 + max((_depth(item) for _, item in plan.items), default=0)
    return 0


class _Writer:
    """Writes plans as Python expressions; `used` are the values they read, `constants` what repr cannot say."""

    def __init__(self) -> None:
        self.used: set[int] = set()
        self.constants: list[Any] = []

    def expression(self, plan: Plan) -> str:
        if isinstance(plan, Hole):
            return self._value(plan.number)
        if isinstance(plan, Text):
            return self._joined(plan)
        if isinstance(plan, Fixed):
            return repr(plan.value)
        if isinstance(plan, Sequence):
            return f"[{', '.join(map(self.expression, plan.items))}]"
        if all(isinstance(key, str) for key, _ in plan.items):
            return f"{{{', '.join(f'{key!r}: {self.expression(item)}' for key, item in plan.items)}}}"
        pairs = "".join(f"({self._key(key)}, {self.expression(item)}), " for key, item in plan.items)
        return f"keyed(({pairs}), values)"

    def _value(self, number: int) -> str:
        self.used.add(number)
        return f"v{number}"

    def _joined(self, plan: Text) -> str:
        if len(plan.parts) == 1:
            self.constants.append(plan.parts)
            return f"joined(K[{len(self.constants) - 1}], values)"
        return f"''.join(({', '.join(map(self._part, plan.parts))}))"

    def _part(self, part: str | int) -> str:
        if isinstance(part, str):
            return repr(part)
        name = self._value(part)
        return f"{name} if type({name}) is str else text({part}, {name})"

    def _key(self, key: str | Hole | Text) -> str:
        if isinstance(key, str):
            return repr(key)
        self.constants.append(key)
        return f"K[{len(self.constants) - 1}]"
