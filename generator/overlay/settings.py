"""How a build behaves: kustomize's way or ours."""

from dataclasses import dataclass, field

from generator.overlay.shapes import Shapes, bundled


@dataclass(frozen=True, slots=True)
class Settings:
    """`compat`: the behaviour of kustomize 5.8.2, losses included. `shapes`: which lists merge by which keys.

    `engine`: who builds, `qatgen` or the program `kustomize`. `anywhere`: files need not be in or below the folder of
    their kustomization (kustomize's LoadRestrictionsNone); the root is never left. `openapi`: the schemas that a
    kustomization of the build named, by path or version.
    """

    compat: bool = False
    shapes: Shapes = field(default_factory=Shapes)
    engine: str = "qatgen"
    anywhere: bool = False
    openapi: str = ""


def settings(*, compat: bool = False, more: Shapes | None = None, engine: str = "qatgen") -> Settings:
    """The tables that ship; `more` are keys known from elsewhere, and come first."""
    own = bundled("kustomize") if compat else bundled("native").with_more(bundled("kubevirt"))
    return Settings(compat, own if more is None else own.with_more(more), engine)
