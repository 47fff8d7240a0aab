"""Our words for what KubeVirt refuses: they name the value as it is written, and come before KubeVirt's own.

`SENTENCES` (sentences.py) has a function for each topic of rules.py that can say what is wrong with a value; it returns
None for a cause it has no words for. Of every other cause the thing and the field are named, with the value.
"""

from collections.abc import Mapping
from dataclasses import replace

from generator.nearest import nearest
from generator.virtapi.disks import BUSES, CACHES, ERROR_POLICIES
from generator.virtapi.guest import DNS_POLICIES, EVICTIONS
from generator.virtapi.hardware import IO_THREADS
from generator.virtapi.machine import STRATEGIES
from generator.virtapi.ports import PROTOCOLS
from generator.virtapi.refusal import Refused, Words, shown
from generator.virtapi.sentences import SENTENCES
from generator.virtapi.verdict import Cause

ALLOWED: Mapping[str, frozenset[str]] = {
    "bus": frozenset(BUSES),
    "cache": CACHES,
    "dnsPolicy": frozenset(DNS_POLICIES),
    "errorPolicy": ERROR_POLICIES,
    "evictionStrategy": EVICTIONS,
    "ioThreadsPolicy": IO_THREADS,
    "protocol": PROTOCOLS,
    "runStrategy": STRATEGIES,
}
"""What a field of this name may be, wherever it is in a machine."""


def words_of(refused: Refused) -> Words:
    """What to say of a refusal before KubeVirt's own words."""
    found = SENTENCES[refused.cause.topic](refused) if refused.cause.topic in SENTENCES else None
    found = found or Words(_named(refused), names_alone=True)
    return found if found.hint else replace(found, hint=_allowed(refused))


def _allowed(refused: Refused) -> str:
    """The values that a field may have, where it has none of them; nothing where they are not known."""
    value = refused.value
    known = sorted(ALLOWED.get(str(refused.path[-1]) if refused.path else "", frozenset()) - {""})
    if not known or not isinstance(value, str) or value in known:
        return ""
    near = nearest(value.lower(), {one.lower(): one for one in known})
    first = next((one for one in known if near and one.lower() == near[0]), "")
    return f"write {first}, or another of: {', '.join(known)}" if first else f"write one of: {', '.join(known)}"


def quoting(words: Words, cause: Cause) -> str:
    """Our sentence, and KubeVirt's after it."""
    own = cause.message.strip()
    start = f"{words.sentence}{':' if words.names_alone else ';'} " if words.sentence else ""
    return f"{start}KubeVirt refuses it: {own}"


def _named(refused: Refused) -> str:
    thing, field, value = refused.thing, refused.field, refused.value
    if field in ("", "spec", "domain", "devices"):
        return thing
    is_value = not isinstance(value, Mapping | list)
    told = f"{field} {shown(value)}" if is_value and value is not None else field
    return f"{thing}: {told}" if thing else told
