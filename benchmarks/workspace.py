"""Platforms of any size to measure on: a spec of many machines, and the same machines as a helm chart."""

from pathlib import Path

SPEC = """\
apiVersion: qatgen.dev/v1alpha1
kind: QATPlatform
metadata: {{name: bench}}
spec:
  target: {{kubernetes: "1.36", kubevirt: v1.9.0}}
  deviceClasses:
    - {{name: sym, family: 4xxx, services: [sym]}}
  nodePools:
    - name: vm
      serves: virtualMachines
      deviceClass: sym
      nodes: {nodes}
      physicalFunctions: 4
      virtualFunctions: 16
      nodeSelector: {{example.com/pool: vm}}
      labelledBy: hand
      kernelArguments: [intel_iommu=on, iommu=pt, hugepagesz=1G, hugepages=480]
  virtualMachines:
    - name: gateway
      count: {machines}
      namespace: vpn
      nodePool: vm
      cpu: {{cores: 4, dedicated: true}}
      memory: {{guest: 4Gi, hugepages: 1Gi}}
      guestStack: qatlib
      qat: [{{name: qat0, deviceClass: sym}}]
      labels: {{example.com/slot: "slot-{{index}}"}}
      disks:
        - {{name: root, containerDisk: {{image: "quay.io/containerdisks/fedora:43"}}}}
        - {{name: data, persistentVolumeClaim: {{claimName: "data-{{index}}"}}}}
      interfaces: [{{name: default, binding: masquerade, network: pod}}]
      cloudInit: {{userData: "#cloud-config\\nhostname: gateway-{{index}}\\n"}}
"""

CHART = """\
{{- range $i := until (int .Values.machines) }}
---
apiVersion: kubevirt.io/v1
kind: VirtualMachine
metadata:
  name: gateway-{{ $i }}
  namespace: vpn
  labels:
    example.com/slot: slot-{{ $i }}
spec:
  runStrategy: Always
  template:
    metadata:
      labels:
        example.com/slot: slot-{{ $i }}
        kubevirt.io/domain: gateway-{{ $i }}
    spec:
      nodeSelector:
        example.com/pool: vm
      domain:
        cpu:
          cores: 4
          dedicatedCpuPlacement: true
        memory:
          guest: 4Gi
          hugepages:
            pageSize: 1Gi
        devices:
          disks:
          - name: root
            disk:
              bus: virtio
          - name: data
            disk:
              bus: virtio
          - name: cloudinit
            disk:
              bus: virtio
          interfaces:
          - name: default
            masquerade: {}
          hostDevices:
          - name: qat0
            deviceName: intel.com/qat-4xxx-sym
      networks:
      - name: default
        pod: {}
      volumes:
      - name: root
        containerDisk:
          image: quay.io/containerdisks/fedora:43
      - name: data
        persistentVolumeClaim:
          claimName: data-{{ $i }}
      - name: cloudinit
        cloudInitNoCloud:
          userData: {{ printf "#cloud-config\\nhostname: gateway-%d\\n" $i | quote }}
{{- end }}
"""


def write_platform(folder: Path, machines: int) -> Path:
    """Write `spec.yaml` of so many machines, on as many nodes as they need; returns its path."""
    spec = folder / "spec.yaml"
    spec.write_text(SPEC.format(machines=machines, nodes=-(-machines // 64)), encoding="utf-8")
    return spec


def write_chart(folder: Path, machines: int) -> Path:
    """Write a helm chart of the same machines; returns its folder."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: bench\nversion: 0.1.0\n", encoding="utf-8")
    (folder / "values.yaml").write_text(f"machines: {machines}\n", encoding="utf-8")
    (folder / "templates" / "machines.yaml").write_text(CHART, encoding="utf-8")
    return folder
