"""Valid files for tests.property.forms to put wrong forms into, and texts that unfold, nest or never end."""

from typing import Any

from generator.source import Dialect, read_documents

SPEC: Any = read_documents(
    """
apiVersion: qatgen.dev/v1alpha1
kind: QATPlatform
metadata: {name: small}
spec:
  target: {kubernetes: "1.36", kubevirt: v1.9.0}
  deviceClasses:
    - {name: sym, family: 4xxx, services: [sym]}
  nodePools:
    - {name: vm, serves: virtualMachines, deviceClass: sym, nodes: 2, physicalFunctions: 1, virtualFunctions: 16,
       nodeSelector: {example.com/pool: vm}, kernelArguments: [intel_iommu=on, hugepagesz=2M, "hugepages=64"]}
  virtualMachines:
    - name: gateway
      count: 3
      namespace: vpn
      nodePool: vm
      memory: {guest: 4Mi, hugepages: 2Mi}
      qat: [{name: qat0, deviceClass: sym}]
      disks: [{name: root, containerDisk: {image: "quay.io/containerdisks/fedora:43"}}, {name: e, emptyDisk: {capacity: 1Gi}}]
      vmiSpec: {domain: {resources: {requests: {memory: 8Mi}}}}
""",
    "spec",
    Dialect.KUBERNETES,
)[0].data

KUSTOMIZATION: Any = read_documents(
    """
resources: [0.yaml, 1.yaml]
namespace: lab
namePrefix: a-
nameSuffix: -b
commonLabels: {a: b}
commonAnnotations: {a: b}
labels: [{pairs: {c: d}, includeSelectors: true, fields: [{path: spec/x, kind: Deployment, create: true}]}]
images: [{name: i, newName: j, newTag: "1"}]
replicas: [{name: d, count: 2}]
configMapGenerator: [{name: g, literals: [a=b], options: {labels: {a: b}, disableNameSuffixHash: true}}]
secretGenerator: [{name: s, type: Opaque, literals: [a=b]}]
generatorOptions: {labels: {x: y}}
patches:
  - {target: {kind: Deployment, labelSelector: "a=b"}, patch: '[{"op": "add", "path": "/metadata/labels", "value": {"q": "r"}}]'}
  - {patch: '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 3}}'}
patchesJson6902: [{target: {version: v1, group: apps, kind: Deployment, name: d}, patch: '[{"op": "remove", "path": "/spec/x"}]'}]
replacements:
  - source: {kind: Deployment, name: d, fieldPath: metadata.name, options: {delimiter: "-", index: 0}}
    targets: [{select: {kind: Service}, reject: [{name: z}], fieldPaths: [metadata.labels.q], options: {create: true}}]
vars: [{name: V, objref: {kind: Deployment, name: d, apiVersion: apps/v1}, fieldref: {fieldpath: metadata.name}}]
sortOptions: {order: legacy, legacySortOptions: {orderFirst: [Namespace], orderLast: [Service]}}
buildMetadata: [originAnnotations]
openapi: {path: 2.yaml}
""",
    "kustomization",
    Dialect.KUBERNETES,
)[0].data

_CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList, shortNames: [t], categories: [all]}
  conversion: {strategy: None}
  versions:
    - name: v1
      served: true
      storage: true
      deprecated: true
      deprecationWarning: old
      subresources: {status: {}, scale: {specReplicasPath: .spec.a, statusReplicasPath: .status.a}}
      additionalPrinterColumns: [{name: a, type: string, jsonPath: .spec.a}]
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              x-kubernetes-validations: [{rule: "self.a > 0", message: m, messageExpression: "'x'", reason: FieldValueInvalid}]
              properties:
                a: {type: integer, minimum: 0, maximum: 9, multipleOf: 1, format: int32, default: 1}
                b: {type: string, pattern: "^a", minLength: 0, maxLength: 9, enum: [a, b], nullable: true}
                c: {type: array, minItems: 0, maxItems: 3, items: {type: object, properties: {k: {type: string}}, required: [k]},
                    x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k]}
                d: {type: object, additionalProperties: {type: string}, x-kubernetes-map-type: granular}
                e: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                f: {type: object, x-kubernetes-preserve-unknown-fields: true, x-kubernetes-embedded-resource: true}
"""

_MACHINE = """
  runStrategy: Always
  instancetype: {kind: VirtualMachineInstancetype, name: small}
  dataVolumeTemplates: [{metadata: {name: d}, spec: {storage: {resources: {requests: {storage: 1Gi}}}, source: {blank: {}}}}]
  template:
    metadata: {labels: {a: b}, annotations: {hooks.kubevirt.io/hookSidecars: '[{"image": "i"}]'}}
    spec: &vmi
      domain:
        cpu: {cores: 2, sockets: 1, threads: 1, dedicatedCpuPlacement: true, numa: {guestMappingPassthrough: {}}}
        memory: {guest: 1Gi, hugepages: {pageSize: 2Mi}}
        ioThreadsPolicy: supplementalPool
        ioThreads: {supplementalPoolThreadCount: 2}
        resources: {requests: {memory: 1Gi, cpu: 100m}, limits: {memory: 2Gi, cpu: "2"}}
        machine: {type: q35}
        firmware: {bootloader: {efi: {secureBoot: false}}}
        devices:
          disks: [{name: root, disk: {bus: virtio}, bootOrder: 1}, {name: ci, disk: {}}]
          interfaces: [{name: default, masquerade: {}, ports: [{port: 80}]}, {name: fast, sriov: {}}]
          hostDevices: [{name: q, deviceName: intel.com/qat}]
          gpus: [{name: g, deviceName: nvidia.com/gpu}]
          filesystems: [{name: root, virtiofs: {}}]
      evictionStrategy: LiveMigrate
      terminationGracePeriodSeconds: 30
      nodeSelector: {a: b}
      tolerations: [{key: a, operator: Exists}]
      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In, values: [b]}]}]}}}
      readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 3}
      networks: [{name: default, pod: {}}, {name: fast, multus: {networkName: a/b}}]
      volumes: [{name: root, containerDisk: {image: i}}, {name: ci, cloudInitNoCloud: {userData: x, networkData: y}}]
"""

MANIFESTS: list[Any] = [
    one.data
    for one in read_documents(
        f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: d, namespace: n, labels: {{a: b}}, annotations: {{a: b}}, ownerReferences: [{{apiVersion: v1, kind: Pod, name: p, uid: u}}]}}
spec:
  replicas: 1
  selector: {{matchLabels: {{a: b}}, matchExpressions: [{{key: a, operator: In, values: [b]}}]}}
  strategy: {{rollingUpdate: {{maxSurge: 25%, maxUnavailable: 0}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      containers:
        - name: c
          image: i
          command: [a]
          env: [{{name: A, value: "1"}}, {{name: B, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}]
          ports: [{{containerPort: 80, name: http, protocol: TCP}}]
          resources: {{limits: {{cpu: 100m, memory: 1Gi, intel.com/qat: 1}}, requests: {{cpu: 100m, intel.com/qat: 1}}}}
          livenessProbe: {{httpGet: {{path: /, port: http}}, periodSeconds: 3}}
          volumeMounts: [{{name: v, mountPath: /v}}]
          securityContext: {{runAsUser: 1, capabilities: {{drop: [ALL]}}}}
      volumes: [{{name: v, emptyDir: {{sizeLimit: 1Gi}}}}, {{name: w, configMap: {{name: x, defaultMode: 420}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: s, namespace: n}}
spec: {{selector: {{a: b}}, ports: [{{port: 80, targetPort: http, protocol: TCP, name: h}}], clusterIP: None, externalIPs: [1.2.3.4]}}
---
{_CRD}
---
apiVersion: v1
kind: Pod
metadata: {{name: p, creationTimestamp: "2024-01-01T00:00:00Z", finalizers: [a.b/c]}}
spec: {{containers: [{{name: a, image: b}}], resourceClaims: [{{name: x, resourceClaimName: y}}], overhead: {{memory: 1Mi}}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: s}}
type: kubernetes.io/dockerconfigjson
data: {{.dockerconfigjson: e30=}}
stringData: {{a: b}}
---
apiVersion: v1
kind: Namespace
metadata: {{name: n, labels: {{a: b}}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: c}}
spec: {{schedule: "1 * * * *", jobTemplate: {{spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: i}}]}}}}}}}}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {{name: s}}
spec:
  serviceName: s
  selector: {{matchLabels: {{a: b}}}}
  template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: c, image: i}}]}}}}
  volumeClaimTemplates: [{{metadata: {{name: d}}, spec: {{accessModes: [ReadWriteOnce], resources: {{requests: {{storage: 1Gi}}}}}}}}]
---
apiVersion: v1
kind: List
items: [{{apiVersion: v1, kind: ConfigMap, metadata: {{name: c}}, data: {{a: b}}, binaryData: {{c: e30=}}, immutable: true}}]
---
apiVersion: nfd.k8s-sigs.io/v1alpha1
kind: NodeFeatureRule
metadata: {{name: r}}
spec: {{rules: [{{name: a, labels: {{a: "true"}}, matchFeatures: [{{feature: pci.device, matchExpressions: {{vendor: {{op: In, value: ["8086"]}}}}}}]}}]}}
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {{name: n, annotations: {{k8s.v1.cni.cncf.io/resourceName: intel.com/x}}}}
spec: {{config: '{{"cniVersion": "0.3.1", "type": "sriov"}}'}}
---
apiVersion: kubevirt.io/v1
kind: KubeVirt
metadata: {{name: kubevirt, namespace: kubevirt}}
spec:
  imageTag: v1.9.0
  configuration:
    developerConfiguration: {{featureGates: [HostDevices], cpuAllocationRatio: 10, memoryOvercommit: 100}}
    permittedHostDevices: {{pciHostDevices: [{{pciVendorSelector: "8086:4941", resourceName: intel.com/qat, externalResourceProvider: true}}]}}
    additionalGuestMemoryOverheadRatio: "1.5"
    autoCPULimitNamespaceLabelSelector: {{matchExpressions: [{{key: a, operator: NotIn, values: [b]}}]}}
    network: {{binding: {{passt: {{sidecarImage: i, computeResourceOverhead: {{requests: {{memory: 1Mi}}}}}}}}}}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata: {{name: vm, namespace: n}}
spec: {_MACHINE.replace(chr(10), chr(10) + "  ")}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {{name: vm}}
spec: {{domain: {{memory: {{guest: 1Gi}}, devices: {{qats: [{{name: q, deviceName: qat.intel.com/sym}}], hostDevices: [{{name: h, deviceName: a/b}}]}}}}}}
---
apiVersion: instancetype.kubevirt.io/v1beta1
kind: VirtualMachineInstancetype
metadata: {{name: small}}
spec: {{cpu: {{guest: 1}}, memory: {{guest: 1Gi, overcommitPercent: 10}}, gpus: [{{name: a, deviceName: b}}]}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: a, annotations: {{argocd.argoproj.io/sync-wave: "1", argocd.argoproj.io/sync-options: Prune=false}}}}
spec: {{project: p, destination: {{server: s}}, source: {{repoURL: r, path: p}}}}
---
apiVersion: example.com/v1
kind: Thing
metadata: {{name: t}}
spec: {{a: 1, b: a, c: [{{k: x}}], d: {{e: f}}, e: 1}}
""",
        "manifests",
        Dialect.KUBERNETES,
    )
]

_MERGES = "a: &a {x: 1}\n" + "".join(
    f"{b}: &{b} {{<<: [{', '.join([f'*{a}'] * 10)}]}}\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
TEXTS: tuple[str, ...] = (
    _MERGES,
    _MERGES.replace("<<: [", "k: ["),
    _MERGES.replace("{<<: [", "[").replace("]}", "]"),
    *("a: &a {<<: *a}\n", "a: &a [*a]\n", "&a [*a]\n", "a: &a {b: {<<: [*a]}}\n", "? &a {*a : 1}\n: 1\n", "&a {x: *a}\n", "<<: &m [*m]\n"),
    "".join(f"a{n}: &a{n} [{f'*a{n - 1}' if n else 1}]\n" for n in range(3000)),
    "".join(f"a{n}: &a{n} {{<<: {f'*a{n - 1}' if n else '{x: 1}'}, k{n}: 1}}\n" for n in range(3000)),
    "".join(f"a{n}: &a{n} 1\n" for n in range(20000)),
    "a: &a 1\nb: [" + "*a, " * 50000 + "]\n",
    *("[" * 100000, "{a: " * 100000, "- " * 100000, "? " * 100000, '["]",' * 50000, "\n".join(" " * n + "a:" for n in range(2000))),
    *("# c\n" * 200000, " " * 3000000, "\n" * 1000000, '"' + "x" * 3000000, "'" + "x" * 3000000, "a: |\n" + "  x\n" * 300000),
    *(f"a: {number}\n" for number in ("1" * 5000, "0x" + "f" * 1000000, "0o" + "7" * 100000, "0b" + "1" * 100000, "0" * 100000)),
    *(f"a: {number}\n" for number in ("1e99999", "-1e99999", "1." + "0" * 5000, "1_" * 3000 + "1", "1:" * 3000 + "1", "1" * 400, ".inf", ".nan")),
    *(f"{number}: a\n" for number in ("1" * 5000, "1e99999", "0x" + "f" * 5000, ".inf", ".nan", "null", "true", "~", "1.5", "2024-01-01")),
    *(f"a: {tag} {value}\n" for tag in ("!!int", "!!float", "!!binary", "!!timestamp", "!!set", "!!omap", "!!pairs", "!!bool", "!!null", "!!python/object/apply:os.system", "!x", "!") for value in ("x", "9" * 5000, "1e99999", "9999-99-99", "[a]", "{a: b}", "''")),
    *("? [a]\n: 1\n", "? {a: b}\n: 1\n", "{[1]: 2}\n", "{{a: b}: 2}\n", "? ? ? a\n", "a: 1\na: 2\n", "a: 9999-99-99\n", "a: 2024-13-45T99:99:99Z\n"),
    *('"\\ud800"\n', '{"a": "\\ud800"}\n', '{"a": "\\ud83d\\ude00"}\n', "a: \x00\n", "a: \x07\n", '"\\0": "\\0"\n', "\ufeffa: 1\n", "a: 1\n---\n\ufeffb: 1\n"),
    *("a: 1\rb: 2\r", "a: \x85b\n", "a\u2028b: 1\n", "%YAML 1.1\n---\na: 1\n", "%YAML 9.9\n---\na: 1\n", "%TAG ! tag:x,2000:\n---\na: !y 1\n", "%FOO\n---\na\n"),
    *("---\n" * 100000, "a\n---\n" * 20000, "", "\n", "---\n", "...\n", "null\n", "[]\n", "{}\n", "x\n", "1\n", "true\n", "- a\n", "*a\n", "&a\n", "!\n", "!!\n"),
    *('{"a": NaN}', '{"a": Infinity}', '{"a": 1e99999}', '{"a": ' + "1" * 5000 + "}", '{"a": 1} x', '{"a"', "[" * 5000 + "]" * 5000),
    *("a:\tb\n", "\ta: b\n", "a: b: c\n", "a: [b\n", "a: 'b\n", 'a: "b\n', "a: @b\n", "a: `b\n", "a: %b\n", "- a\nb: c\n", "a: |9\n b\n", "a: >-\n\n\n"),
    "".join(f"k{n}: 1\n" for n in range(5000)),
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n" + "".join(f"  k{n % 100}: v\n" for n in range(5000)),
)  # fmt: skip
