"""The founding note's own example comes out field for field, and no released KubeVirt schema takes it."""

from generator.source import Dialect, read_documents
from tests.support.workspace import REPOSITORY, qatgen, tree


def rendered(tmp_path):
    result = qatgen(REPOSITORY / "examples" / "seed", "render", "--output-dir", str(tmp_path / "out"))
    assert result.code == 0, result.err
    files = tree(tmp_path / "out" / "default")
    documents = [
        read_documents(text, name, Dialect.KUBERNETES)[0].data for name, text in files.items() if name.endswith(".yaml")
    ]
    own = [d for d in documents if not d.get("metadata", {}).get("name", "").startswith("qatp-")]  # the pack's aside
    return {document["kind"]: document for document in own}


def test_the_config_map_of_the_note(tmp_path):
    assert rendered(tmp_path)["ConfigMap"] == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "kubevirt-config", "namespace": "kubevirt", "labels": {"kubevirt.io": ""}},
        "data": {"feature-gates": "QAT"},
    }


def test_the_machine_of_the_note(tmp_path):
    machine = rendered(tmp_path)["VirtualMachineInstance"]
    assert machine == {
        "apiVersion": "kubevirt.io/v1",
        "kind": "VirtualMachineInstance",
        "metadata": {"name": "vmi-qat", "namespace": "default"},
        "spec": {
            "domain": {
                "memory": {"guest": "1024M"},
                "devices": {
                    "disks": [
                        {"name": "containerdisk", "disk": {"bus": "virtio"}},
                        {"name": "cloudinit", "disk": {"bus": "virtio"}},
                    ],
                    "qats": [{"name": "qat1", "deviceName": "qat.intel.com/generic"}],
                },
            },
            "volumes": [
                {
                    "name": "containerdisk",
                    "containerDisk": {"image": "registry:5000/kubevirt/fedora-cloud-container-disk-demo:devel"},
                },
                {
                    "name": "cloudinit",
                    "cloudInitNoCloud": {"userData": "#cloud-config\npassword: fedora\nchpasswd: { expire: False }\n"},
                },
            ],
        },
    }


def test_the_message_of_the_note(tmp_path):
    (validation,) = rendered(tmp_path)["ValidatingAdmissionPolicy"]["spec"]["validations"]
    assert validation["message"] == "QAT feature gate is not enabled in kubevirt-config"
    binding = rendered(tmp_path)["ValidatingAdmissionPolicyBinding"]["spec"]
    assert binding["paramRef"] == {
        "name": "kubevirt-config",
        "namespace": "kubevirt",
        "parameterNotFoundAction": "Deny",
    }
