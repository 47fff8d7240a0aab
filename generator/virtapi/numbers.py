"""Numbers and quantities as virt-api reads them; its quantities are apimachinery's own (generator/kube)."""

from decimal import Decimal

from generator.kube.quantity import Form, Quantity, QuantityError
from generator.kube.reading import number_text, read_json

__all__ = ["ZERO", "Amount", "AmountError", "amount", "is_integer", "number_text", "of_bytes"]

Amount = Quantity
AmountError = QuantityError
ZERO = Quantity(Decimal(0))

_SAFE = 2**53 - 1


def is_integer(number: float) -> bool:
    """Whether a JSON number passes for an integer in an OpenAPI check (go-openapi/swag, IsFloat64AJSONInteger)."""
    return abs(number) <= _SAFE and number == int(number)


def amount(text: str) -> Amount:
    """Read a quantity out of a JSON text. Raises AmountError."""
    return read_json(text)


def of_bytes(count: int) -> Amount:
    """A whole number of bytes, as resource.NewQuantity(…, BinarySI) shows it."""
    return Quantity.of(count, Form.BINARY)
