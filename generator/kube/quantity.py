"""Quantities as Kubernetes holds them: exact amounts, what 64 bits make of them, their sums, their canonical text.

Source: k8s.io/apimachinery v0.36 pkg/api/resource (quantity.go, amount.go, math.go, scale_int.go). An amount is an
int64 and a power of ten where it was written with few digits, else a decimal of any size; which of the two holds it
shows in what overflows, and in what a policy may ask. tests/data/quantities.json holds recorded answers.
"""

from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, ROUND_FLOOR, ROUND_UP, Context, Decimal, Inexact, InvalidOperation
from enum import Enum

from generator.kube.integers import MOST, fits, int32, int64, pow10

NANO, MILLI, KILO = -9, -3, 3
SUFFIXES = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
"""Decimal suffixes, and the power of ten that each means."""
BINARY_SUFFIXES = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
"""Binary suffixes; the position of each is its power of 1024."""
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_UP, traps=[InvalidOperation])
"""Decimals of any size: nothing is lost but what a rounding to a given place takes away.

Python's own operators on Decimals, `-` and `abs` too, round to 28 digits; comparisons do not.
"""

_BY_POWER = {power: suffix for suffix, power in SUFFIXES.items()}
_WIDEST = 200_000
"""Digits of a sum; more come of exponents alone, like 1e2147483646 + 1, for which a server has no memory either."""
_SUMS = Context(prec=_WIDEST, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, Inexact])
_LOG10_INT64 = 19
_BITS = 64
_ONE_STEP = frozenset({1, 2, 3, 6, 9})
"""Powers of ten Go multiplies by at once: what overflows wraps around, where more steps give 0."""


class QuantityError(ValueError):
    """Text that is not a quantity, in Go's words, or amounts whose sum nothing holds."""


class Form(Enum):
    """How a quantity was written, and is written again."""

    DECIMAL = "decimal"
    BINARY = "binary"
    EXPONENT = "exponent"


@dataclass(frozen=True, slots=True, eq=False)
class Quantity:
    """An amount, exact to a nano unit; two are equal where their amounts are.

    `scale` is the power of ten it is counted in, `big` says that it is held as a decimal of any size, and `kept` is
    the text it was read from, where that is written again as it was.
    """

    exact: Decimal
    scale: int = 0
    form: Form = Form.DECIMAL
    big: bool = False
    kept: str = ""

    @classmethod
    def of(cls, amount: int, form: Form = Form.DECIMAL) -> "Quantity":
        """A whole amount, as resource.NewQuantity makes it."""
        return cls(Decimal(amount), form=form)

    @property
    def text(self) -> str:
        """The text it was read from where that is kept, else the canonical one."""
        return self.kept or _canonical(self)

    @property
    def value(self) -> int:
        """The amount in whole units, rounded up; what Go makes of one that 64 bits do not hold."""
        return self.scaled(0)

    @property
    def milli(self) -> int:
        """The amount in thousandths, rounded up, with the overflows of `value`."""
        return self.scaled(MILLI)

    @property
    def units(self) -> int:
        """The amount in units of 10**scale. A big one's last 64 bits are right, since more are never looked at."""
        shift = int(self.exact.as_tuple().exponent) - self.scale
        if shift >= _BITS:
            return 0  # a multiple of 2**64
        return int(self.exact.scaleb(-self.scale, EXACT))

    def scaled(self, scale: int) -> int:
        """The amount in units of 10**scale as Go's ScaledValue gives it: rounded up, and wrong where it overflows."""
        return _big_scaled(self, scale) if self.big else _small_scaled(self, scale)

    def integer(self) -> int | None:
        """The whole number Go's AsInt64 gives: None where it is counted in parts of one, or does not fit."""
        if self.big or self.scale < 0:
            return None
        if not self.exact:
            return 0
        if self.exact.adjusted() > _LOG10_INT64:
            return None
        whole = int(self.exact)
        return whole if fits(whole) else None

    def approximate(self) -> float:
        """The double Go's AsApproximateFloat64 gives."""
        counted = float(self.exact.scaleb(-self.scale, EXACT))
        return counted * pow10(self.scale) if self.scale else counted

    def rounded_up(self, scale: int) -> "Quantity":
        """The amount in units no smaller than 10**scale, rounded away from zero."""
        if not self.big and self.scale >= scale:
            return self
        exact = self.exact
        if int(exact.as_tuple().exponent) < scale:
            exact = exact.quantize(Decimal(1).scaleb(scale, EXACT), context=EXACT)
        return Quantity(exact, scale, self.form, self.big)

    def __add__(self, other: "Quantity") -> "Quantity":
        return _sum(self, other, other.exact)

    def __sub__(self, other: "Quantity") -> "Quantity":
        return _sum(self, other, other.exact.copy_negate() if other.exact else other.exact)

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.exact)

    def __eq__(self, other: object) -> bool:
        return self.exact == other.exact if isinstance(other, Quantity) else NotImplemented

    def __lt__(self, other: "Quantity") -> bool:
        return self.exact < other.exact

    def __hash__(self) -> int:
        return hash(self.exact)


def _small_scaled(amount: Quantity, scale: int) -> int:
    units = amount.units
    if amount.scale < scale:
        size: int = -(-abs(units) // int(10 ** min(scale - amount.scale, _LOG10_INT64)))
        return size if units >= 0 else -size
    shift = int32(amount.scale - scale)
    scaled = units * int(10 ** min(shift, _LOG10_INT64)) if shift > 0 else units
    return int64(scaled) if shift in _ONE_STEP or fits(scaled) else 0


def _big_scaled(amount: Quantity, scale: int) -> int:
    digits = scale - amount.scale
    units = amount.units
    if digits == 0:
        return int64(units)
    if digits < 0:
        factor = int(10**-digits) if -digits < _LOG10_INT64 else -MOST - 1  # what amd64 makes of a double beyond it
        return int64(int64(units) * factor)
    if digits < _LOG10_INT64 and amount.exact < Decimal(MOST).scaleb(amount.scale, EXACT):
        held = int64(units)  # which no longer is the amount where that is a large negative one
        size, rest = divmod(abs(held), int(10**digits))
        return (size if held >= 0 else -size) + bool(rest)
    if int(amount.exact.as_tuple().exponent) - scale >= _BITS:
        return 0  # a multiple of 2**64
    exact = Quantity(amount.exact.quantize(Decimal(1).scaleb(scale, EXACT), ROUND_FLOOR, EXACT), scale, big=True)
    return int64(exact.units + (exact.exact != amount.exact))


def _sum(first: Quantity, second: Quantity, added: Decimal) -> Quantity:
    """The sum of two amounts (`added` is the second's, or its negative); its form is the first's, unless that is 0."""
    form = first.form if first.exact else second.form
    small = not first.big and not second.big
    if small and not added:
        return Quantity(first.exact, first.scale, form)
    if small and not first.exact:
        return Quantity(added, second.scale, form)
    scale = min(first.scale, second.scale)
    try:
        exact = _SUMS.add(first.exact, added)
    except Inexact:
        raise QuantityError(f"{_short(first)} and {_short(second)} are too far apart to be added") from None
    parts = (first.exact, added, exact)
    return Quantity(exact, scale, form, big=not (small and all(_held(part, scale) for part in parts)))


def _held(exact: Decimal, scale: int) -> bool:
    """Whether an int64 counts an amount in units of 10**scale."""
    return not exact or (exact.adjusted() - scale <= _LOG10_INT64 and fits(int(exact.scaleb(-scale, EXACT))))


def _short(amount: Quantity) -> str:
    shown = amount.text
    return shown if len(shown) <= 40 else f"{shown[:40]}…"


def _canonical(amount: Quantity) -> str:
    """The canonical text: the largest suffix that loses nothing. One that has no suffix left is written without."""
    if not amount.exact:
        return "0"
    exact = amount.exact
    if amount.form is Form.BINARY and exact.copy_abs() >= 1024 and exact == exact.to_integral_value():
        return _binary(int(exact))
    sign, digits, power = exact.normalize(EXACT).as_tuple()
    exponent = int32(int(power))
    padding = exponent % 3
    mantissa = ("-" if sign else "") + "".join(map(str, digits)) + "0" * padding
    exponent -= padding
    if amount.form is Form.EXPONENT:
        return f"{mantissa}e{exponent}" if exponent else mantissa
    return mantissa + _BY_POWER.get(exponent, "")


def _binary(amount: int) -> str:
    power = 0
    while amount % 1024 == 0:
        amount //= 1024
        power += 1
    return f"{amount}{BINARY_SUFFIXES[power] if power < len(BINARY_SUFFIXES) else ''}"
