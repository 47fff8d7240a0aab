"""The findings reading the catalog can make."""

from generator.finding import Rule

CATALOG_DATA = Rule("CAT001", "catalog-data", "A data file of the catalog is malformed.")

RULES = (CATALOG_DATA,)
