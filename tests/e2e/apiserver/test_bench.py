"""The bench itself: a server that answers as servers do, and leaves nothing behind."""

import os
from pathlib import Path

from tests.support.apiserver import api_server


def test_it_stores_refuses_and_is_gone(tmp_path):
    with api_server(tmp_path / "bench") as server:
        assert server.version.startswith("v1.")
        config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}, "data": {"key": "value"}}
        assert server.create(config, dry_run=True).ok
        assert server.get(config).status == 404
        assert server.create(config).status == 201
        assert server.get(config).body["data"] == {"key": "value"}
        refused = server.create({**config, "date": {}}, dry_run=True)
        assert (refused.status, refused.reason) == (400, "BadRequest")
        assert 'strict decoding error: unknown field "date"' in refused.message
        assert server.apply({**config, "data": {"key": "other"}}, "second").status == 409
        assert server.delete(config).ok
        pids = _children()
        assert len(pids) == 2
    assert _children() == set()


def _children() -> set[str]:
    """Process ids of what this process started and has not ended."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii").split())
