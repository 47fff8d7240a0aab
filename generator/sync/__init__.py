"""How Argo CD delivers: waves from what objects need of each other, and its annotations checked."""

from generator.sync.annotate import annotated, is_foreign, kept_by_flux
from generator.sync.annotations import PREFIX, WAVE, annotation_remarks
from generator.sync.drift import Stated, ignored_differences, stated
from generator.sync.surroundings import surroundings_of
from generator.sync.waves import Early, Waves, given_wave, waves_of

__all__ = [
    "PREFIX",
    "WAVE",
    "Early",
    "Stated",
    "Waves",
    "annotated",
    "annotation_remarks",
    "given_wave",
    "ignored_differences",
    "is_foreign",
    "kept_by_flux",
    "stated",
    "surroundings_of",
    "waves_of",
]
