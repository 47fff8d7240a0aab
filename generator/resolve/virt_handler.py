"""virt-handler: kept off the nodes of Intel's plugin, and made to wait for VFs where KubeVirt hands them out."""

import itertools
import json
from collections.abc import Mapping, Sequence

from generator.spec.model import Plain

MAX_TERMS = 64
"""Node selector terms are a product over the pools' labels; more would be unreadable, and slow to schedule."""

# virt-handler scans for devices only when it starts (domain facts 3.3), so it waits until the VFs of each of the
# pools' endpoints are on vfio-pci; on a node without such an endpoint the loop ends at once. Shell built-ins and
# `sleep` alone: the image is Intel's init image, of which nothing else is promised. PF_IDS holds device ids.
WAIT_SCRIPT = r"""set -u
for device in /sys/bus/pci/devices/*; do
  read -r vendor < "$device/vendor" && read -r id < "$device/device" || continue
  [ "$vendor" = 0x8086 ] || continue
  case " $PF_IDS " in *" ${id#0x} "*) ;; *) continue ;; esac
  while :; do
    read -r made < "$device/sriov_numvfs" || made=0
    bound=0
    for vf in "$device"/virtfn*; do
      driver=$(cd -P "$vf/driver" 2>/dev/null && pwd) || driver=
      case "$driver" in */vfio-pci) bound=$((bound + 1)) ;; esac
    done
    [ "$made" -gt 0 ] && [ "$bound" -eq "$made" ] && break
    echo "${device##*/}: $bound of $made VFs on vfio-pci, waiting"
    sleep 2
  done
done
"""


def wait_patch(image: str, pf_ids: Sequence[str]) -> Plain:
    """A customizeComponents patch that adds the waiting init container to the virt-handler DaemonSet.

    The body is a JSON string, as KubeVirt wants it (domain facts 5.6).
    """
    container = {
        "name": "wait-for-qat",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", WAIT_SCRIPT],
        "env": [{"name": "PF_IDS", "value": " ".join(pf_ids)}],
        "resources": {"requests": {"cpu": "10m", "memory": "10Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
    }
    body = {"spec": {"template": {"spec": {"initContainers": [container]}}}}
    return {
        "resourceType": "DaemonSet",
        "resourceName": "virt-handler",
        "type": "strategic",
        "patch": json.dumps(body, indent=2),
    }


def exclusion_terms(selectors: Sequence[Mapping[str, str]]) -> list[Plain] | None:
    """Node selector terms that no node of any of these pools meets; None where they would be too many.

    A node is outside a pool when one of the pool's labels differs, and outside all pools when that holds for each:
    terms are alternatives, so they are the product of the pools' labels.
    """
    terms: dict[tuple[tuple[str, tuple[str, ...]], ...], None] = {}
    for choice in itertools.islice(itertools.product(*(sorted(s.items()) for s in selectors)), MAX_TERMS + 1):
        keys: dict[str, set[str]] = {}
        for key, value in choice:
            keys.setdefault(key, set()).add(value)
        terms[tuple((key, tuple(sorted(values))) for key, values in sorted(keys.items()))] = None
    if len(terms) > MAX_TERMS:
        return None
    return [
        {"matchExpressions": [{"key": key, "operator": "NotIn", "values": list(values)} for key, values in term]}
        for term in terms
    ]


def both(ours: Sequence[Plain], theirs: Sequence[Plain]) -> list[Plain]:
    """Node selector terms that ask for one of `ours` and one of `theirs`."""
    if not theirs or not ours:
        return list(ours or theirs)
    joined = []
    for a, b in itertools.product(theirs, ours):
        keys = sorted({*a, *b})
        joined.append({key: [*a.get(key, ()), *b.get(key, ())] for key in keys})
    return joined
