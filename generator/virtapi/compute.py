"""Memory, hugepages and CPUs.

Source of every condition and message: K:pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go,
K:pkg/liveupdate/memory/memory.go.
"""

from collections.abc import Iterator

from generator.virtapi.cluster import VirtAPI, get
from generator.virtapi.numbers import ZERO, Amount, AmountError, amount, of_bytes
from generator.virtapi.parts import Spec, architecture, asked, guest_memory, part, vcpus
from generator.virtapi.verdict import INVALID, NOT_SUPPORTED, REQUIRED, Cause

_LEAST_REQUEST = amount("1M")
_POLICIES = frozenset({"", "force", "require", "optional", "disable", "forbid"})
_BLOCK, _BLOCK_1GI = 0x200000, 0x40000000
_LEAST_GUEST = 0x40000000


def memory_requests(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """A request is not negative, and not less than 1M."""
    request, where = asked(spec, "requests", "memory"), f"{at}.domain.resources.requests.memory"
    if request.value < 0:
        yield Cause(INVALID, where, f"{where} '{request}': must be greater than or equal to 0.", "memory")
    elif request.value > 0 and request.exact < _LEAST_REQUEST.exact:
        yield Cause(INVALID, where, f"{where} '{request}': must be greater than or equal to 1M.", "memory")


def memory_limits(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """A limit is not negative, and the request is within it."""
    limit, request = asked(spec, "limits", "memory"), asked(spec, "requests", "memory")
    where, asking = f"{at}.domain.resources.limits.memory", f"{at}.domain.resources.requests.memory"
    if limit.value < 0:
        yield Cause(INVALID, where, f"{where} '{limit}': must be greater than or equal to 0.", "memory")
    if 0 < limit.value < request.value:
        yield Cause(INVALID, asking, f"{asking} '{request}' is greater than {where} '{limit}'", "memory")


def hugepages(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Memory is a multiple of the page size."""
    pages = get(spec, "domain", "memory", "hugepages")
    if pages is None:
        return
    text = pages.get("pageSize", "")
    sized, asking = f"{at}.domain.memory.hugepages.pageSize", f"{at}.domain.resources.requests.memory"
    try:
        size = amount(text)
    except AmountError:
        form = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        yield Cause(INVALID, sized, f"{sized} '{text}': {form}", "hugepages")
        return
    request = asked(spec, "requests", "memory")
    memory = request.value or (guest_memory(spec) or ZERO).value or asked(spec, "limits", "memory").value
    if memory != 0 and memory < size.value:
        message = f"{asking} '{request}' must be equal to or larger than page size {sized} '{text}'"
        yield Cause(INVALID, asking, message, "hugepages")
    elif size.value == 0:
        raise ZeroDivisionError  # so does virt-api
    elif memory % size.value != 0:
        message = f"{asking} '{request}' is not a multiple of the page size {sized} '{text}'"
        yield Cause(INVALID, asking, message, "hugepages")


def guest_limit(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """A guest that cannot be changed while it runs fits its limit."""
    guest = guest_memory(spec)
    if api.live_update or guest is None:
        return
    limit = asked(spec, "limits", "memory")
    if limit.value != 0 and limit.value < guest.value:
        where, limited = f"{at}.domain.memory.guest", f"{at}.domain.resources.limits.memory"
        message = f"{where} '{guest}' must be equal to or less than the memory limit {limited} '{limit}'"
        yield Cause(INVALID, where, message, "memory")


def memory_given(spec: Spec, at: str) -> Iterator[Cause]:
    """An instance says how much memory it has; checked after defaults, of instances alone."""
    if asked(spec, "requests", "memory").value != 0:
        return
    memory = part(spec, "domain", "memory")
    if "guest" not in memory and "hugepages" not in memory:
        named = (
            f"'{at}.domain.memory.guest', '{at}.domain.memory.hugepages.pageSize' or "
            f"'{at}.domain.resources.requests.memory'"
        )
        yield Cause(REQUIRED, "", f"no memory requested, at least one of {named} must be set", "memory")


def reserved_overhead(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """Reserved overhead needs its gate."""
    if "reservedOverhead" in part(spec, "domain", "memory") and not api.gate("ReservedOverheadMemlock"):
        where = f"{at}.domain.memory.reservedOverhead"
        message = "Reserved overhead memlock feature gate is not enabled in kubevirt-config"
        yield Cause(INVALID, where, message, "gate")


def cpu_requests(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """CPU requests and limits are not negative, and the request is within the limit."""
    request, limit = asked(spec, "requests", "cpu"), asked(spec, "limits", "cpu")
    asking, where = f"{at}.domain.resources.requests.cpu", f"{at}.domain.resources.limits.cpu"
    if request.milli < 0:
        yield Cause(INVALID, asking, f"{asking} '{request}': must be greater than or equal to 0.", "cpu")
    if limit.milli < 0:
        yield Cause(INVALID, where, f"{where} '{limit}': must be greater than or equal to 0.", "cpu")
    if 0 < limit.milli < request.milli:
        yield Cause(INVALID, asking, f"{asking} '{request}' is greater than {where} '{limit}'", "cpu")


def pinning(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """What machines with CPUs of their own must say."""
    cpu = part(spec, "domain", "cpu")
    if not cpu.get("dedicatedCpuPlacement"):
        return
    yield from _memory_is_provided(spec, at)
    request, limit = asked(spec, "requests", "cpu"), asked(spec, "limits", "cpu")
    resources, pinned = f"{at}.domain.resources", f"{at}.domain.cpu.dedicatedCpuPlacement"
    for side, found in (("requests", request), ("limits", limit)):
        if found.value > 0 and found.value * 1000 != found.milli:
            message = f"provided resources CPU {side} must be an interger"
            yield Cause(INVALID, f"{resources}.{side}.cpu", message, "dedicated-cpu")
    yield from _memory_is_fixed(spec, resources)
    both = f"{resources}.requests.cpu or {resources}.limits.cpu"
    count = vcpus(spec)
    if request.value == 0 and limit.value == 0 and count == 0:
        message = f"either {both} or {at}.domain.cpu.cores must be provided when DedicatedCPUPlacement is true "
        yield Cause(INVALID, pinned, message, "dedicated-cpu")
    if request.value > 0 and limit.value > 0 and request.value != limit.value:
        message = f"{both} must be equal when DedicatedCPUPlacement is true "
        yield Cause(INVALID, pinned, message, "dedicated-cpu")
    if (request.value > 0 or limit.value > 0) and count > 0 and count not in {request.value, limit.value}:
        message = (
            f"{both} must not be provided at the same time with {at}.domain.cpu.cores "
            "when DedicatedCPUPlacement is true "
        )
        yield Cause(INVALID, pinned, message, "dedicated-cpu")
    yield from _threads(cpu.get("threads", 0), spec, at, api)


def _memory_is_provided(spec: Spec, at: str) -> Iterator[Cause]:
    if asked(spec, "limits", "memory") or asked(spec, "requests", "memory"):
        return
    if "hugepages" in part(spec, "domain", "memory") or guest_memory(spec):
        return
    resources, memory = f"{at}.domain.resources", f"{at}.domain.memory"
    message = (
        f"{resources}.requests.memory, {resources}.limits.memory, {memory}.hugepages or {memory}.guest "
        "should be provided"
    )
    yield Cause(INVALID, f"{resources}.limits.memory", message, "dedicated-cpu")


def _memory_is_fixed(spec: Spec, resources: str) -> Iterator[Cause]:
    request, limit = asked(spec, "requests", "memory"), asked(spec, "limits", "memory")
    if request.value > 0 and limit.value > 0 and request.value != limit.value:
        where = f"{resources}.requests.memory"
        message = f"{where} must be equal to {resources}.limits.memory"
        yield Cause(INVALID, where, message, "dedicated-cpu")


def _threads(threads: int, spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    where, kind = f"{at}.domain.cpu.threads", f"{at}.architecture"
    if threads > 1 and architecture(spec, api.architecture) == "arm64":
        message = f"threads must not be greater than 1 at {where} (got {threads}) when {kind} is arm64"
        yield Cause(INVALID, kind, message, "dedicated-cpu")
    if threads > 2:
        message = (
            f"Not more than two threads must be provided at {where} (got {threads}) when DedicatedCPUPlacement is true"
        )
        yield Cause(INVALID, f"{at}.domain.cpu.dedicatedCpuPlacement", message, "dedicated-cpu")


def numa(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """A guest that mirrors the host's NUMA nodes needs CPUs of its own and hugepages."""
    cpu = part(spec, "domain", "cpu")
    if "guestMappingPassthrough" not in part(cpu, "numa"):
        return
    where = f"{at}.domain.cpu.numa.guestMappingPassthrough"
    if not api.gate("NUMA"):
        message = f"NUMA feature gate is not enabled in kubevirt-config, invalid entry {where}"
        yield Cause(INVALID, where, message, "gate")
    if not cpu.get("dedicatedCpuPlacement"):
        message = (
            f"{at}.domain.cpu.dedicatedCpuPlacement must be set to true when NUMA topology strategy is set in {where}"
        )
        yield Cause(INVALID, where, message, "numa")
    if "hugepages" not in part(spec, "domain", "memory"):
        message = f"{at}.domain.memory.hugepages must be requested when NUMA topology strategy is set in {where}"
        yield Cause(INVALID, where, message, "numa")


def cpu_model(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """The emulator's own CPU, policies of CPU features, sockets to be plugged in."""
    cpu = part(spec, "domain", "cpu")
    if cpu.get("isolateEmulatorThread") and not cpu.get("dedicatedCpuPlacement"):
        message = "IsolateEmulatorThread should be only set in combination with DedicatedCPUPlacement"
        yield Cause(INVALID, f"{at}.domain.cpu.isolateEmulatorThread", message, "dedicated-cpu")
    for index, feature in enumerate(cpu.get("features") or ()):
        policy = feature.get("policy", "")
        if policy not in _POLICIES:
            message = f"CPU feature {feature.get('name', '')} uses policy {policy} that is not supported."
            yield Cause(NOT_SUPPORTED, f"{at}.domain.cpu.features[{index}].policy", message, "cpu")
    if cpu.get("maxSockets") and cpu.get("sockets", 0) > cpu["maxSockets"]:
        yield _too_many_sockets(f"{at}.domain.cpu.sockets")


def _too_many_sockets(where: str) -> Cause:
    message = "Number of sockets in CPU topology is greater than the maximum sockets allowed"
    return Cause(INVALID, where, message, "cpu")


def realtime(spec: Spec, at: str, _: VirtAPI) -> Iterator[Cause]:
    """Real time needs CPUs of its own and the host's NUMA nodes."""
    cpu = part(spec, "domain", "cpu")
    if "realtime" not in cpu:
        return
    at_cpu = f"{at}.domain.cpu"
    if not cpu.get("dedicatedCpuPlacement"):
        where = f"{at_cpu}.dedicatedCpuPlacement"
        yield Cause(REQUIRED, where, f"{where} must be set to true when {at_cpu}.realtime is used", "realtime")
    if "guestMappingPassthrough" not in part(cpu, "numa"):
        where = f"{at_cpu}.numa.guestMappingPassthrough"
        yield Cause(REQUIRED, where, f"{where} must be defined when {at_cpu}.realtime is used", "realtime")


def live_update(spec: Spec, at: str, api: VirtAPI) -> Iterator[Cause]:
    """What a VirtualMachine is to be given while it runs; `at` is the VirtualMachine's spec."""
    if not api.live_update:
        return
    cpu = part(spec, "domain", "cpu")
    if cpu.get("sockets") and cpu.get("maxSockets") and cpu["sockets"] > cpu["maxSockets"]:
        yield _too_many_sockets(f"{at}.template.spec.domain.cpu.sockets")
    most = get(spec, "domain", "memory", "maxGuest")
    problem = _pluggable(spec, amount(most)) if most is not None else ""
    if problem:
        yield Cause(INVALID, f"{at}.template.spec.domain.memory.guest", problem, "live-update")


def _pluggable(spec: Spec, most: Amount) -> str:
    """Why memory cannot be plugged in; empty where it can."""
    domain = part(spec, "domain")
    if "realtime" in part(domain, "cpu"):
        return "Memory hotplug is not compatible with realtime VMs"
    if "guestMappingPassthrough" in part(domain, "cpu", "numa"):
        return "Memory hotplug is not compatible with guest mapping passthrough"
    if "launchSecurity" in domain:
        return "Memory hotplug is not compatible with encrypted VMs"
    block = _BLOCK_1GI if part(domain, "memory", "hugepages").get("pageSize") == "1Gi" else _BLOCK
    guest = guest_memory(spec)
    if guest is None:
        return "Guest memory must be configured when memory hotplug is enabled"
    if guest.exact > most.exact:
        return "Guest memory is greater than the configured maxGuest memory"
    if guest.value % block:
        return f"Guest memory must be {of_bytes(block)} aligned"
    if most.value % block:
        return f"MaxGuest must be {of_bytes(block)} aligned"
    if spec.get("architecture") != "amd64":
        return "Memory hotplug is only available for x86_64 VMs"
    if guest.value < _LEAST_GUEST:
        return "Memory hotplug is only available for VMs with at least 1Gi of guest memory"
    return ""
