"""The known words nearest to one that is not known, as difflib finds them, but quick enough for 100,000 words.

Two bounds rule out nearly every word before difflib compares it: how many characters two words share, and how long
their longest common subsequence is. Both are reckoned with whole numbers as sets of bits.
"""

import difflib
import heapq
from collections.abc import Collection, Iterable
from functools import lru_cache

_CUTOFF = 0.6
_MOST = 3
_LONGEST = 128
"""Words of more characters have no near ones: comparing them takes time that grows with the square."""

_SLOTS = 64
_DEPTH = 16
"""Characters fall into so many slots, each of which counts to this depth."""


def nearest(word: str, options: Iterable[str]) -> list[str]:
    """At most three options that are near a word, the nearest first: what difflib.get_close_matches returns."""
    if len(word) > _LONGEST:
        return []
    matcher = difflib.SequenceMatcher()
    matcher.set_seq2(word)
    bits, length = _bits(word), len(word)
    found: list[tuple[float, str]] = []
    for option in options:
        least = _CUTOFF * (length + len(option)) / 2
        if min(length, len(option)) < least or (bits & _bits(option)).bit_count() < least:
            continue
        if _common(word, option) < least:
            continue
        matcher.set_seq1(option)
        ratio = matcher.ratio()
        if ratio >= _CUTOFF:
            found.append((ratio, option))
    return [option for _, option in heapq.nlargest(_MOST, found)]


@lru_cache(maxsize=8192)
def _bits(word: str) -> int:
    """The characters of a word as bits: of each slot as many as the word has characters in it."""
    counts = [0] * _SLOTS
    for character in word:
        counts[ord(character) % _SLOTS] += 1
    if max(counts) > _DEPTH:
        return (1 << _SLOTS * _DEPTH) - 1
    return sum(((1 << count) - 1) << slot * _DEPTH for slot, count in enumerate(counts))


def _common(one: str, other: str) -> int:
    """The length of the longest common subsequence: what difflib finds in common is one, so it is never longer."""
    places: dict[str, int] = {}
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    full = (1 << len(one)) - 1
    open_places = full
    for character in other:
        matches = open_places & places.get(character, 0)
        open_places = ((open_places + matches) | (open_places - matches)) & full
    return len(one) - open_places.bit_count()


class Budget:
    """How much of a document may be compared with known words: after that, findings have no hint of this kind."""

    def __init__(self, pairs: int = 200_000) -> None:
        self._left = pairs

    def __bool__(self) -> bool:
        return self._left >= 0

    def spend(self, options: Collection[str]) -> bool:
        """Whether a word may be compared with these options."""
        self._left -= len(options)
        return self._left >= 0
