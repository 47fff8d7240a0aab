"""What the patterns of the spec's schema ask for, in words; every pattern of the schema stands here once."""

from collections.abc import Mapping

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_STAMPED = r"[a-z0-9{]([-a-z0-9.{}A-Za-z_]*[a-z0-9}])?"
_IMAGE = (
    r"^([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?([a-z0-9]|\{[A-Za-z0-9]+\})([a-z0-9._/-]|\{[A-Za-z0-9]+\})*"
    r"(:([A-Za-z0-9_.-]|\{[A-Za-z0-9]+\})+)?(@[A-Za-z0-9_+.-]+:[0-9a-fA-F]{32,})?$"
)

NAME = rf"^{_LABEL}$"
SUBDOMAIN = rf"^{_LABEL}(\.{_LABEL})*$"
QUANTITY = r"^[+]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$"
PAGE_SIZE = r"^[0-9]+[KMG]i$"
PCI_ID = r"^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$"
GIT_URL = r"^((https?|ssh|git|file)://[^/\s]\S*|file:///\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+)$"
FLUX_URL = r"^(https?|ssh)://[^/\s]\S*$"
DURATION = r"^([0-9]+(ms|s|m|h))+$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

FORMS: Mapping[str, str] = {
    NAME: 'a name: small letters, digits and "-", with a letter or digit at both ends',
    SUBDOMAIN: 'a name: small letters, digits, "-" and ".", with a letter or digit at both ends',
    rf"^({_STAMPED}/)?{_STAMPED}$": "`pod`, or a NetworkAttachmentDefinition as NAME or NAMESPACE/NAME",
    rf"^{_STAMPED}$": 'a name: small letters, digits, "-" and ".", or {index}',
    QUANTITY: (
        "a quantity: a number, and after it nothing, Ki Mi Gi Ti Pi Ei (powers of 1024) or k M G T P E (of 1000)"
    ),
    PAGE_SIZE: "a page size: a whole number and Ki, Mi or Gi",
    PCI_ID: "vendor:device, four hexadecimal digits each",
    r"^([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}$": "a MAC address: six pairs of hexadecimal digits",
    r"^[a-z][a-zA-Z0-9]*$": "a name of letters and digits that begins with a small letter",
    r"^[0-9]+\.[0-9]+": "a version: major.minor",
    r"^v?1\.[0-9]+(\.[0-9]+)?$": "a version of Kubernetes: 1.MINOR",
    r"^v?[0-9]+\.[0-9]+(\.[0-9]+)?$": "a version: vMAJOR.MINOR.PATCH",
    r"^/": "a path that begins with /",
    r"^https?://[^/\s]\S*$": "the URL of an API server: https://HOST or https://HOST:PORT",
    r"^https://": "a URL that begins with https://",
    GIT_URL: ("the URL of a Git repository: https://HOST/PATH, ssh://USER@HOST/PATH or USER@HOST:PATH"),
    FLUX_URL: "the URL of a Git repository, as Flux takes it: https://HOST/PATH or ssh://USER@HOST/PATH",
    DURATION: "a duration: numbers with ms, s, m or h",
    r"^[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*$": "a path of fields joined by dots",
    DAY: "a day: YYYY-MM-DD",
    _IMAGE: "an image: [registry[:port]/]repository[:tag][@digest], the repository in small letters",
}
"""Words by pattern."""
