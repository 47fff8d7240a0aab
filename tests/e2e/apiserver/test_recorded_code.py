"""What the API server's own code says of expressions and types is what was recorded of it."""

import json

from tests.e2e.apiserver import record_cel, record_types
from tests.support.assets import asset_folder
from tests.support.cel_overloads import answers, expressions, signatures, versions


def test_the_servers_code_makes_of_expressions_what_was_recorded() -> None:
    program = asset_folder("policycheck") / "policycheck"
    recorded = record_cel.recorded()
    table = signatures(program)
    assert table == recorded["functions"]
    assert versions(program) == recorded["versions"]
    assert answers(program, expressions(table)) == recorded["cases"]


def test_the_servers_type_checker_says_what_was_recorded() -> None:
    asset_folder("policycheck")
    assert record_types.answers() == json.loads(record_types.FILE.read_text("utf-8"))["warnings"]
