"""YAML as text: yamllint's findings among ours."""

from generator.lint.lint import RULES, lint_text

__all__ = ["RULES", "lint_text"]
