"""What becomes of a machine in the cluster: the launcher pod's requests, and libvirt's host devices."""

from generator.preview.cluster import Cluster
from generator.preview.hostdev import AddressError, hostdev_elements, to_text
from generator.preview.launcher import LauncherPod, RenderError, launcher_pod
from generator.preview.machine import instance_spec

__all__ = [
    "AddressError",
    "Cluster",
    "LauncherPod",
    "RenderError",
    "hostdev_elements",
    "instance_spec",
    "launcher_pod",
    "to_text",
]
