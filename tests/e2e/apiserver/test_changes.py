"""Rules of schemas about changes: what we say of a change is what a real API server says."""

import re

from generator.location import format_path
from generator.schema import SchemaSources, SchemaStore
from tests.e2e.apiserver.cluster import over, remove, require, serve
from tests.support.apiserver import Answer, ApiServer
from tests.support.changes import CHANGES, crd, instance
from tests.support.parity import Row, record


def test_rules_about_changes(stock: ApiServer) -> None:
    crds = [crd(number, change) for number, change in enumerate(CHANGES)]
    serve(stock, crds)
    store = SchemaStore(SchemaSources(crds=tuple(crds)))
    misses = []
    for number, change in enumerate(CHANGES):
        old, new = instance(number, change.old), instance(number, change.new)
        # What only holds for new objects is no concern here: rules that are optional see no old value then.
        stored = stock.create(old)
        require(stored, old)
        theirs = _refused(stock.update(over(new, stored), dry_run=True))
        ours = {(format_path(found.path), found.message) for found in store.changed(old, new, "1.36")}
        misses += [f"{change.name}: ours {sorted(ours)}, the server's {sorted(theirs)}"] if ours != theirs else []
        assert {field for field, _ in theirs} == set(change.refused), change.name
    remove(stock, crds)
    what = "rules of schemas about changes: fields and messages"
    record("apiserver-changes", [Row("API server", what, f"kube-apiserver {stock.version}", len(CHANGES), misses)])
    assert misses == []


def _refused(answer: Answer) -> set[tuple[str, str]]:
    """Fields and messages of a refusal, keys of maps as we write them; nothing for a change that is taken."""
    if answer.ok:
        return set()
    assert answer.status == 422, answer.message
    causes = answer.body["details"]["causes"]
    return {(re.sub(r"\[([a-z]+)\]", r".\1", cause["field"]), cause["message"]) for cause in causes}
