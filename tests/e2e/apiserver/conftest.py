"""One server for the tests that share it; what changes the whole cluster starts its own."""

from collections.abc import Iterator

import pytest

from tests.support.apiserver import ApiServer, api_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server with nothing in it, for one module."""
    with api_server(tmp_path_factory.mktemp("apiserver")) as running:
        yield running
