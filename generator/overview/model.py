"""What the page tells, as frozen data: JSON and HTML are two renderings of it.

Lists are bounded so that a page about 10,000 machines can still be opened; `Rest` says how many are left out of one,
and where they stand. Texts are exact here; a rendering makes them fit to be shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rest:
    """What a list leaves out: how many, and where all of them stand."""

    count: int
    where: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file a person can open; line and column count from 1, 0 stands for the file as a whole."""

    file: str
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Findings by severity."""

    errors: int = 0
    warnings: int = 0
    infos: int = 0


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many objects of a kind are rendered; `group` is empty for the core group."""

    kind: str
    group: str
    count: int


@dataclass(frozen=True, slots=True)
class Vfs:
    """Virtual functions: there, asked for, left (below zero: too few). None where it is not known."""

    there: int
    asked: int | None
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hugepages:
    """Hugepages of one size on a pool, in bytes; `there` and `left` are None where no kernel arguments are given."""

    size: str
    there: int | None
    asked: int
    left: int | None


@dataclass(frozen=True, slots=True)
class Fill:
    """So many nodes of a pool hold machines with so many VFs each."""

    nodes: int
    vfs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Machines of one item of the spec on a pool, or pods: `copies` of them ask for `vfs` each.

    `machine` is the name of the machine, or of the object that a template or an overlay adds.
    """

    machine: str
    copies: int
    vfs: int
    unplaced: int
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A node pool: what its nodes have, who asks, and how the nodes are filled by packing.

    `overlay_vfs`: how many of the resource an overlay adds to what is asked for, in all pools that have it.
    """

    name: str
    serves: str
    device_class: str
    resource: str
    nodes: int
    physical_functions: int
    virtual_functions: int
    vfs: Vfs
    hugepages: tuple[Hugepages, ...]
    fills: tuple[Fill, ...]
    overlay_vfs: int
    demands: tuple[Demand, ...]
    more_demands: Rest | None
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Machines of one item of the spec that use a device: `copies` of them, `vfs` each."""

    machine: str
    namespace: str
    kind: str
    pool: str
    copies: int
    vfs: int
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device class (or a resource machines name without one): its hardware, its pools, its users."""

    name: str
    family: str
    generation: str
    services: tuple[str, ...]
    resource: str
    vf_ids: tuple[str, ...]
    pf_ids: tuple[str, ...]
    pools: tuple[str, ...]
    users: tuple[User, ...]
    more_users: Rest | None
    by_containers: bool
    overlay_vfs: int
    at: Place | None


@dataclass(frozen=True, slots=True)
class Group:
    """Like objects, judged together: a column of the matrix. `names` are the first of them, after their namespaces."""

    label: str
    kind: str
    item: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many objects got one outcome."""

    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What a rule says of a group (by its number): how many objects got which outcome."""

    group: int
    tallies: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why objects were not simply admitted; of a waived failure also who promised what, and until when."""

    outcome: str
    subject: str
    count: int
    message: str
    waiver_reason: str = ""
    waiver_until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A rule of the matrix. `over_build`: it looks at the whole build, not at objects one by one.

    `applies` is whether it is in force in the environment, `looked_at` how many objects or parts of the spec it was
    evaluated for; `why_not` says what keeps it from applying, where something does.
    """

    code: str
    name: str
    summary: str
    hint: str
    severity: str
    at: Place
    over_build: bool
    applies: bool
    looked_at: int
    why_not: str
    cells: tuple[Cell, ...]
    build: tuple[Tally, ...]
    reasons: tuple[Reason, ...]
    more_reasons: Rest | None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rule by group of like objects; `judged` is false where the build could not be made."""

    judged: bool
    groups: tuple[Group, ...]
    rules: tuple[RuleRow, ...]
    unmatched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field an overlay changed; `before` or `after` is None where the field is new or gone."""

    path: str
    before: str | None
    after: str | None
    at: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """The same done by an overlay to like objects: changed, renamed, added, removed; `at` are the steps that did it."""

    what: str
    subject: str
    count: int
    at: tuple[Place, ...]
    fields: tuple[FieldChange, ...]
    more_fields: Rest | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of the base an overlay took away, or a reference it left without its target (`dangling`)."""

    subject: str
    message: str
    dangling: bool
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """What an environment's own files change: the spec, and the objects rendered from it."""

    spec_file: str
    spec: tuple[FieldChange, ...]
    more_spec: Rest | None
    kustomization: str
    alterations: tuple[Alteration, ...]
    more_alterations: Rest | None
    losses: tuple[Lost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One rendered file. `state` compares it with what stands in the output folder: current, differs, missing."""

    name: str
    sha256: str
    item: str
    state: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The rules that gave one outcome."""

    outcome: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileGroup:
    """Like files: of one kind, made by one template, touched by the same overlays, judged alike."""

    kind: str
    template: str
    item: str
    overlays: tuple[str, ...]
    verdicts: tuple[Judgement, ...]
    count: int
    files: tuple[File, ...]
    more: Rest | None


@dataclass(frozen=True, slots=True)
class Tree:
    """A rendered tree: its folder, and where every file of it comes from."""

    folder: str
    files: int
    groups: tuple[FileGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment; `rendered` is false where its objects could not be made."""

    name: str
    kubernetes: str
    kubevirt: str
    device_plugin: str
    assignment: str
    destination: str
    rendered: bool
    objects: tuple[KindCount, ...]
    machines: int
    instances: int
    nodes: int
    vfs: Vfs
    container_vfs: int
    findings: Counts
    pools: tuple[Pool, ...]
    devices: tuple[Device, ...]
    matrix: Matrix
    overlay: Overlay | None


@dataclass(frozen=True, slots=True)
class Quote:
    """The line a finding points at: its text, and the part that is marked, in characters from 0."""

    line: int
    before: str
    marked: str
    after: str


@dataclass(frozen=True, slots=True)
class Related:
    """A place that has to do with a finding, and why."""

    message: str
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A finding, with the line it points at; `environments` are those it was met in."""

    code: str
    name: str
    summary: str
    severity: str
    message: str
    at: Place
    quote: Quote | None
    subject: str
    field: str
    hint: str
    related: tuple[Related, ...]
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything the page tells. `stopped` says why there is less than usual; it is empty where there is not."""

    platform: str
    tool_version: str
    spec: str
    stopped: str
    findings: Counts
    environments: tuple[Environment, ...]
    problems: tuple[Problem, ...]
    more_problems: Rest | None
    trees: tuple[Tree, ...]
