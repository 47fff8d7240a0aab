"""Objects checked against schemas, as strictly as the API server checks them."""

from generator.schema.extend import Extended, extend_crd, qat_definition, qats_property, swagger_fragment
from generator.schema.rules import RULES
from generator.schema.structural import Validator, versions
from generator.schema.violation import Violation

__all__ = [
    "RULES",
    "Extended",
    "Validator",
    "Violation",
    "extend_crd",
    "qat_definition",
    "qats_property",
    "swagger_fragment",
    "versions",
]
