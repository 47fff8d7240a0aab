"""Findings to text people and machines read: one module per format."""

from generator.report.context import ReportContext, RulePage
from generator.report.fingerprint import fingerprint
from generator.report.formats import FORMATS, Format, render_report

__all__ = ["FORMATS", "Format", "ReportContext", "RulePage", "fingerprint", "render_report"]
