"""What becomes of a machine in the cluster: the launcher pod's requests, and libvirt's host devices."""

from generator.preview.cluster import Cluster
from generator.preview.hostdev import AddressError, hostdev_elements, to_text
from generator.preview.launcher import LauncherPod, RenderError, launcher_pod
from generator.preview.machine import instance_spec
from generator.preview.refusals import Terms, refusals

__all__ = [
    "AddressError",
    "Cluster",
    "LauncherPod",
    "RenderError",
    "Terms",
    "hostdev_elements",
    "instance_spec",
    "launcher_pod",
    "refusals",
    "to_text",
]
