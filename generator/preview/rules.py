"""The findings of previews."""

from generator.finding import Rule

NO_MACHINE = Rule("PRV001", "no-such-machine", "A machine that is previewed is one of the spec, or stands in a file.")
BAD_ADDRESS = Rule("PRV002", "pci-address", "PCI addresses are well formed, and there is one for every device.")

RULES = (NO_MACHINE, BAD_ADDRESS)
