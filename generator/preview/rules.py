"""The findings of previews."""

from generator.finding import Rule

NO_MACHINE = Rule("PRV001", "no-such-machine", "A machine that is previewed is one of the spec, or stands in a file.")
BAD_ADDRESS = Rule("PRV002", "pci-address", "PCI addresses are well formed, and there is one for every device.")
NOT_PERMITTED = Rule("QATK-100", "launch-not-permitted", "Every device of a machine is one that KubeVirt permits.")
HOOK_SIDECARS = Rule("QATK-101", "launch-hook-sidecars", "The annotation with hook sidecars is a JSON list of them.")
NO_BINDING = Rule("QATK-102", "launch-network-binding", "A binding plugin of a machine is one KubeVirt configures.")
NO_SYSPREP = Rule("QATK-103", "launch-sysprep", "A sysprep volume names a Secret or a ConfigMap.")
LOG_VERBOSITY = Rule("QATK-104", "launch-log-verbosity", "The label logVerbosity is a whole number.")
LITTLE_MEMORY = Rule("QATK-105", "launch-little-memory", "The guest has enough memory to boot.")

RULES = (
    NO_MACHINE,
    BAD_ADDRESS,
    NOT_PERMITTED,
    HOOK_SIDECARS,
    NO_BINDING,
    NO_SYSPREP,
    LOG_VERBOSITY,
    LITTLE_MEMORY,
)
