"""What a step cannot do, before anybody knows the line of it."""

from generator.finding import Finding, Halt, Note, Rule
from generator.location import Span


class RefusalError(Exception):
    """A step refuses its work; the caller that knows the place turns it into a finding.

    `place` is where a person would edit, where that is known: in a file that was read; `notes` belong to it.
    """

    def __init__(
        self, rule: Rule, message: str, hint: str = "", *, place: Span | None = None, notes: tuple[Note, ...] = ()
    ) -> None:
        self.rule = rule
        self.message = message
        self.hint = hint
        self.place = place
        self.notes = notes
        super().__init__(message)

    def at(self, span: Span, notes: tuple[Note, ...] = (), subject: str = "") -> Finding:
        """The finding at its own place, or at that of the caller."""
        if self.place is not None and self.place != span:
            notes = (*self.notes, Note("it is read here", span), *notes)
        at = self.place or span
        return Finding(rule=self.rule, message=self.message, at=at, hint=self.hint, notes=notes, subject=subject)

    def halt(self, span: Span) -> Halt:
        """The same as the end of a stage."""
        return Halt([self.at(span)])
