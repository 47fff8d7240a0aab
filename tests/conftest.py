"""Tests answer alike in a shell, in a hook and in a pipeline: what those leave in the environment is taken out first."""

import os

_NAMES = {"CI", "NO_COLOR", "FORCE_COLOR", "QATGEN_DEBUG"}
_BEGINNINGS = ("PRE_COMMIT", "KUBE_", "ARGOCD_", "PARAM_")


def pytest_configure() -> None:
    """Once a process, workers too; a test that is about one of them sets it itself."""
    for name in [name for name in os.environ if name in _NAMES or name.startswith(_BEGINNINGS)]:
        del os.environ[name]
