"""Requirements on the labels of nodes, as affinities of pods write them."""

from collections.abc import Collection, Mapping


def may_match(key: str, operator: str, values: Collection[str], labels: Mapping[str, str]) -> bool:
    """Whether nodes of which these labels are known may meet a requirement; a label that is not known may be anything.

    Numbers (Gt, Lt) are not compared (k8s.io/component-helpers scheduling/corev1/nodeaffinity).
    """
    if key not in labels:
        return True
    match operator:
        case "In":
            return labels[key] in values
        case "NotIn":
            return labels[key] not in values
        case _:
            return operator != "DoesNotExist"
