"""Every rule of the program, by code."""

from collections.abc import Mapping
from functools import lru_cache

from generator.bounds.rules import RULES as BOUNDS
from generator.catalog.rules import RULES as CATALOG
from generator.checks.rules import RULES as CHECKS
from generator.emit.rules import RULES as EMIT
from generator.finding import Rule
from generator.lint import RULES as LINT
from generator.overlay.rules import RULES as OVERLAY
from generator.pipeline.policies import pack_rules
from generator.pipeline.rules import RULES as PIPELINE
from generator.policy.rules import RULES as POLICY
from generator.preview.rules import RULES as PREVIEW
from generator.render.rules import RULES as RENDER
from generator.resolve.rules import RULES as RESOLVE
from generator.schema.rules import RULES as SCHEMA
from generator.source.rules import RULES as SOURCE
from generator.spec.rules import RULES as SPEC
from generator.sync.rules import RULES as SYNC
from generator.testing.rules import RULES as TESTING
from generator.virtapi.rules import RULES as VIRTAPI


@lru_cache(maxsize=1)
def all_rules() -> Mapping[str, Rule]:
    """Rules by code, sorted; those of the pack last. Raises ValueError where two rules share a code."""
    found: dict[str, Rule] = {}
    for rules in (
        SOURCE,
        SPEC,
        CATALOG,
        RESOLVE,
        LINT,
        RENDER,
        SCHEMA,
        CHECKS,
        EMIT,
        OVERLAY,
        POLICY,
        PIPELINE,
        SYNC,
        PREVIEW,
        TESTING,
        VIRTAPI,
        BOUNDS,
        pack_rules(),
    ):
        for rule in rules:
            if found.setdefault(rule.code, rule) != rule:
                raise ValueError(f"two rules have the code {rule.code}")
    return dict(sorted(found.items(), key=lambda item: (item[0].startswith("QATP"), item[0])))
