"""Why a machine is not decoded, in Go's words."""


class GoError(Exception):
    """An error of Go's JSON reader, as virt-api sends it back (code 400)."""


class GoTypeError(GoError):
    """A value that does not fit its Go type: what it is, the type, the struct and the field it was read for."""

    def __init__(self, value: str, go: str, struct: str = "", path: tuple[str, ...] = ()) -> None:
        self.value = value
        self.go = go
        self.struct = struct
        self.path = path
        super().__init__()

    def __str__(self) -> str:
        if not self.struct and not self.path:
            return f"json: cannot unmarshal {self.value} into Go value of type {self.go}"
        where = f"{self.struct}.{'.'.join(self.path)}"
        return f"json: cannot unmarshal {self.value} into Go struct field {where} of type {self.go}"
