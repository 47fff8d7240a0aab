"""The recorded schemas of custom resources, asked of a live server again, and of ourselves."""

import json

from generator.schema import SchemaStore, Status
from tests.e2e.apiserver.record_crds import FILE, changed
from tests.support.apiserver import ApiServer
from tests.support.parity import Row, record
from tests.unit.schema.test_crds import stays


def test_the_live_server_says_what_was_recorded_and_what_we_say(stock: ApiServer) -> None:
    cases = json.loads(FILE.read_text("utf-8"))["cases"]
    store = SchemaStore()
    moved, misses = [], []
    for case in cases:
        data = changed(case["path"], *([case["value"]] if "value" in case else []))
        answer = stock.create(data, dry_run=True)
        name = f"{case['path']} {case.get('value', 'gone')}"
        if answer.ok is not case["ok"]:
            moved.append(f"{name}: {answer.status} {answer.message}")
        if (store.validate(data, "1.36").status is Status.VALID) is not answer.ok:
            misses.append((name, stays(case)))
    what = "schemas of custom resources, valid and broken"
    program = f"kube-apiserver {stock.version}"
    record("apiserver-crds", [Row("API server", what, program, len(cases), [name for name, _ in misses])])
    assert moved == []
    assert [name for name, known in misses if not known] == []
