"""One page about a project: what every environment holds, asks for, is judged by, and was made of."""

from collections.abc import Callable, Mapping

from generator.overview.html import render_html
from generator.overview.model import Overview
from generator.overview.plain import render_json
from generator.overview.survey import survey, unread

FORMATS: Mapping[str, Callable[[Overview], str]] = {"html": render_html, "json": render_json}

__all__ = ["FORMATS", "Overview", "render_html", "render_json", "survey", "unread"]
