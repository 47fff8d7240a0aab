"""Two servers for all tests: one with the CRDs of the projects as they are, one with KubeVirt's extended by the note.

A third keeps an audit log, for all that a server says of a request. Each test takes away what it stored. What needs a server of its own (a parameter's cache, say) starts one.
"""

from collections.abc import Iterator

import pytest

from tests.e2e.apiserver.audited import audited_server
from tests.e2e.apiserver.cluster import keep_parameters, serve, upstream_crds
from tests.support.apiserver import ApiServer, api_server


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server that knows KubeVirt's released kinds."""
    crds = upstream_crds(extended=False)
    with api_server(tmp_path_factory.mktemp("stock") / "server") as server:
        serve(server, crds)
        keep_parameters(server)
        yield server


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server whose KubeVirt kinds have `devices.qats`, as `qatgen schema extend` makes them."""
    crds = upstream_crds(extended=True)
    with api_server(tmp_path_factory.mktemp("extended") / "server") as server:
        serve(server, crds)
        keep_parameters(server)
        yield server


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server that keeps an audit log."""
    with audited_server(tmp_path_factory.mktemp("audited")) as server:
        yield server
