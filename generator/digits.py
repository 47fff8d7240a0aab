"""Whole numbers from text of any length."""

_MOST = 1000
_BEYOND: int = 10**_MOST


def whole(text: str) -> int:
    """The number a text of a sign and digits is; of more than 1,000 digits, one that is beyond every range.

    Python refuses to read thousands of digits, and reading them takes time that grows with their square.
    """
    if len(text) <= _MOST:
        return int(text)
    return -_BEYOND if text.startswith("-") else _BEYOND
