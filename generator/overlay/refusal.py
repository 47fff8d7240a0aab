"""What a step cannot do, before anybody knows the line of it."""

from generator.finding import Finding, Halt, Note, Rule
from generator.location import Span


class RefusalError(Exception):
    """A step refuses its work; the caller that knows the place turns it into a finding.

    `place` is a nearer one than the caller knows.
    """

    def __init__(self, rule: Rule, message: str, hint: str = "", place: Span | None = None) -> None:
        self.rule = rule
        self.message = message
        self.hint = hint
        self.place = place
        super().__init__(message)

    def at(self, span: Span, notes: tuple[Note, ...] = (), subject: str = "") -> Finding:
        """The finding at a place."""
        return Finding(
            rule=self.rule, message=self.message, at=self.place or span, hint=self.hint, notes=notes, subject=subject
        )

    def halt(self, span: Span) -> Halt:
        """The same as the end of a stage."""
        return Halt([self.at(span)])
