"""Objects checked against schemas, as strictly as the API server checks them."""

from generator.schema.builtin import available_minors
from generator.schema.convert import bare_crd
from generator.schema.crd import check_crd
from generator.schema.extend import Extended, extend_crd, qat_definition, qats_property, swagger_fragment
from generator.schema.lookup import defines_kind, find_crds
from generator.schema.rules import RULES
from generator.schema.store import Outcome, SchemaSources, SchemaStore, Status, check_version, minor_of
from generator.schema.structural import Validator, versions
from generator.schema.violation import Violation

__all__ = [
    "RULES",
    "Extended",
    "Outcome",
    "SchemaSources",
    "SchemaStore",
    "Status",
    "Validator",
    "Violation",
    "available_minors",
    "bare_crd",
    "check_crd",
    "check_version",
    "defines_kind",
    "extend_crd",
    "find_crds",
    "minor_of",
    "qat_definition",
    "qats_property",
    "swagger_fragment",
    "versions",
]
