"""The `quantity` library of CEL: Kubernetes resource quantities, read, compared and added as apimachinery does.

Source: k8s.io/apiserver v0.36 pkg/cel/library/quantity.go.
"""

from dataclasses import dataclass
from typing import Any

from generator.cel.failure import EvalError
from generator.cel.values import Opaque
from generator.kube import quantity as kube
from generator.kube.reading import parse


@dataclass(frozen=True, slots=True)
class Quantity(Opaque):
    """A quantity as a value of an expression; two are equal when their amounts are."""

    held: kube.Quantity

    @property
    def type_name(self) -> str:
        """`kubernetes.Quantity`."""
        return "kubernetes.Quantity"

    def __str__(self) -> str:
        return self.held.text


def parse_quantity(text: str) -> Quantity:
    """The quantity a text stands for; raises EvalError with apimachinery's message."""
    try:
        return Quantity(parse(text))
    except kube.QuantityError as error:
        raise EvalError(str(error)) from None


def is_quantity(text: str) -> bool:
    """Whether a text is a quantity."""
    try:
        parse(text)
    except kube.QuantityError:
        return False
    return True


def _add(first: Quantity, second: kube.Quantity) -> Quantity:
    try:
        return Quantity(first.held + second)
    except kube.QuantityError as error:
        raise EvalError(str(error)) from None


def _subtract(first: Quantity, second: kube.Quantity) -> Quantity:
    try:
        return Quantity(first.held - second)
    except kube.QuantityError as error:
        raise EvalError(str(error)) from None


def _compare(first: Quantity, second: Quantity) -> int:
    return (first.held.exact > second.held.exact) - (first.held.exact < second.held.exact)


def _integer(quantity: Quantity) -> int:
    value = quantity.held.integer()
    if value is None:
        raise EvalError("cannot convert value to integer")
    return value


def _whole(number: int) -> kube.Quantity:
    return kube.Quantity.of(number, kube.Form.EXPONENT)


FUNCTIONS: dict[str, Any] = {
    "string_to_quantity": parse_quantity,
    "is_quantity_string": is_quantity,
    "quantity_sign": lambda q: (q.held.exact > 0) - (q.held.exact < 0),
    "quantity_is_greater_than": lambda a, b: a.held.exact > b.held.exact,
    "quantity_is_less_than": lambda a, b: a.held.exact < b.held.exact,
    "quantity_compare_to": _compare,
    "quantity_get_float": lambda q: q.held.approximate(),
    "quantity_get_int": _integer,
    "quantity_is_integer": lambda q: q.held.integer() is not None,
    "quantity_add": lambda a, b: _add(a, b.held),
    "quantity_add_int": lambda q, n: _add(q, _whole(n)),
    "quantity_sub": lambda a, b: _subtract(a, b.held),
    "quantity_sub_int": lambda q, n: _subtract(q, _whole(n)),
}
