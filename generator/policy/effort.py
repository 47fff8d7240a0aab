"""What rules over a build work: bounded for every item, and for all items of a policy together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.cel import Expression, Work, WorkError, new_frame
from generator.cel.attributes import SPENT
from generator.cel.work import BOUND
from generator.location import FieldPath

_LIMIT = 10**40
"""A build is not an API server: work bounds its rules, not cost."""
_ROUNDS = 10
"""All items of a policy together may work ten times as long as one expression."""


@dataclass(slots=True)
class Effort:
    """What the expressions of one policy worked: for the item that is judged, and for all before it."""

    work: Work = field(default_factory=Work)
    before: int = 0

    def next_item(self) -> None:
        """Begin with another item."""
        self.before += self.work.steps
        self.work = Work()

    def value(self, expression: Expression, values: Mapping[str, Any], place: FieldPath) -> Any:
        """An expression's value; `place` is where it is. Raises EvalError, CostError, UnknownError, WorkError."""
        frame = new_frame(expression.environment, values, expression.width, _LIMIT, self.work)
        outer, self.work.covered = self.work.covered, 0
        try:
            value = expression.evaluate_in(frame, _LIMIT)
            self.work.spend(frame[SPENT] - self.work.covered)
            self.work.covered = outer
            self._check()
        except WorkError as error:
            error.place = error.place or place
            raise
        return value

    def _check(self) -> None:
        steps = self.before + self.work.steps
        if steps > _ROUNDS * BOUND:
            raise WorkError(steps, _ROUNDS * BOUND)
