"""Where a thing stands: a span of a file, and a path inside a document."""

from dataclasses import dataclass

FieldPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a text file; lines and columns count from 1, the end is exclusive.

    A span whose line is 0 stands for the file as a whole (it could not be read, say).
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


def format_path(path: FieldPath) -> str:
    """Write a path as people type it: `spec.disks[0].name`, keys with dots in brackets and quotes."""
    out: list[str] = []
    for part in path:
        if isinstance(part, int):
            out.append(f"[{part}]")
        elif part and all(c.isalnum() or c in "-_$" for c in part):
            out.append(f".{part}" if out else part)
        else:
            out.append(f'["{part}"]')
    return "".join(out)
