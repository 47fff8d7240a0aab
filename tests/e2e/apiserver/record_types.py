"""Record what the API server's type checker says of policies: `python -m tests.e2e.apiserver.record_types`.

kube-controller-manager writes that into a policy's status; `policycheck` is its code, asked with the schemas of a live server.
Writes `tests/data/policy_types.json`: by policy, the warnings by field.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.apiserver.cluster import serve, upstream_crds
from tests.e2e.apiserver.typed_policies import CRD, POLICIES
from tests.support.apiserver import api_server
from tests.support.assets import asset_folder
from tests.support.workspace import REPOSITORY

FILE = REPOSITORY / "tests" / "data" / "policy_types.json"


def answers() -> dict[str, dict[str, str]]:
    """What the type checker says; the numbers it makes names of types unique by are taken out."""
    program = asset_folder("policycheck") / "policycheck"
    with tempfile.TemporaryDirectory() as name, api_server(Path(name) / "server") as server:
        serve(server, [*upstream_crds(extended=False), CRD])
        while "Typed" not in json.dumps(server.request("GET", "/openapi/v3/apis/x.io/v1").body):
            time.sleep(0.2)  # schemas are published a while after their kinds are served
        command = [str(program), "warn", str(server.folder / "kubeconfig")]
        asked = json.dumps(list(POLICIES.values())).encode()
        done = subprocess.run(command, input=asked, check=True, capture_output=True)
    found = json.loads(done.stdout)
    return {
        label: {one["fieldRef"]: re.sub(r"\b([A-Z][A-Za-z]+)[0-9]+\b", r"\1", one["warning"]) for one in warnings}
        for label, warnings in zip(POLICIES, found, strict=True)
    }


def main() -> int:
    """Ask, write."""
    about = "validating.TypeChecker of k8s.io/apiserver v0.36.3, with the schemas of a kube-apiserver v1.36.3"
    found = answers()
    FILE.write_text(json.dumps({"about": about, "warnings": found}, sort_keys=True, indent=1) + "\n", "utf-8")
    print(f"{sum(map(len, found.values()))} warnings of {len(found)} policies")
    return 0


if __name__ == "__main__":
    sys.exit(main())
