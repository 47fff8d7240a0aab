"""`qatgen validate` on built-in kinds: what a server would refuse is an error at the value, with a way to fix it."""

import pytest

from tests.support.workspace import qatgen, write

POD = "{containers: [{name: c, image: i}]}"
CASES = [
    (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  ports:\n    - port: 99999\n",
        "error[SCH005 invalid-value]: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive",
        "a.yaml:6:13",
        "help: choose a number from 1 to 65535",
    ),
    (
        "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n  clusterIP: 1.2.3.999\n  ports: [{port: 80}]\n",
        'spec.clusterIP: Invalid value: "1.2.3.999": must be a valid IP address',
        "a.yaml:5:14",
        "help: write an address such as 10.9.8.7",
    ),
    (
        (
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\n"
            "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/99}}]}]}\n"
        ),
        'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0/99": must be a valid CIDR value',
        "a.yaml:4:60",
        "help: choose a prefix length from 0 to 32",
    ),
    (
        (
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web}\nspec:\n  schedule: '* * * * 7'\n"
            f"  jobTemplate: {{spec: {{template: {{spec: {POD.replace('{', '{restartPolicy: Never, ', 1)}}}}}}}\n"
        ),
        'spec.schedule: Invalid value: "* * * * 7": end of range (7) above maximum (6): 7',
        "a.yaml:5:13",
        "help: Sunday is 0",
    ),
    (
        (
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web}\nspec:\n  schedule: '@daily'\n"
            f"  jobTemplate: {{spec: {{template: {{spec: {POD.replace('{', '{restartPolicy: Always, ', 1)}}}}}}}\n"
        ),
        'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
        "a.yaml:6:57",
        "help: write restartPolicy: OnFailure to run it again in its pod, or Never for a new pod",
    ),
    (
        (
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: web}\n"
            "roleRef: {kind: role, name: reader}\n"
        ),
        'roleRef.kind: Unsupported value: "role": supported values: "Role", "ClusterRole"',
        "a.yaml:4:17",
        'help: did you mean "Role"?',
    ),
    (
        (
            "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: web}\n"
            "spec: {accessModes: [RWO], resources: {requests: {storage: 1Gi}}}\n"
        ),
        'spec.accessModes[0]: Unsupported value: "RWO"',
        "a.yaml:4:22",
        "ReadWriteOnce",
    ),
    (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {minAvailable: 120%}\n",
        'spec.minAvailable: Invalid value: "120%": must not be greater than 100%',
        "a.yaml:4:22",
        "help: write at most 100%",
    ),
]


@pytest.mark.parametrize(("manifest", "message", "place", "hint"), CASES)
def test_an_object_that_a_server_refuses(tmp_path, manifest, message, place, hint):
    write(tmp_path, {"a.yaml": manifest})
    result = qatgen(tmp_path, "validate", "a.yaml", "--color", "never")
    assert result.code == 1
    for words in (message, f"--> {place}\n", hint):
        assert words in result.err


def test_objects_that_a_server_accepts(tmp_path):
    good = [CASES[0][0].replace("99999", "80"), CASES[3][0].replace("7'", "0'"), CASES[7][0].replace("120", "100")]
    write(tmp_path, {"a.yaml": "---\n".join(good)})
    assert qatgen(tmp_path, "validate", "a.yaml").code == 0
