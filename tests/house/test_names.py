"""No package exports a name that one of its modules has: which of the two is meant would depend on import order."""

import importlib
import pkgutil
import types

import generator


def test_exports_are_not_hidden_by_modules():
    hidden = []
    for package in pkgutil.walk_packages(generator.__path__, "generator."):
        if package.ispkg:
            module = importlib.import_module(package.name)
            names = {one.name for one in pkgutil.iter_modules(module.__path__)}
            for name in names & set(getattr(module, "__all__", ())):
                importlib.import_module(f"{package.name}.{name}")
                if isinstance(getattr(module, name), types.ModuleType):
                    hidden.append(f"{package.name}.{name}")
    assert hidden == []
