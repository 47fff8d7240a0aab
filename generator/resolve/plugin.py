"""Intel's side: node preparation, device plugin, provisioning and node labels, pool by pool."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.catalog import Catalog, parse_version
from generator.finding import Finding
from generator.location import FieldPath, Span
from generator.resolve import rules
from generator.resolve.model import Item, ResolvedPool
from generator.spec.model import Plain, Spec

_WELL_KNOWN = ("kubernetes.io/", "node.kubernetes.io/", "topology.kubernetes.io/")
_OPERATOR_COMPARES = "0.36"
"""First operator that restarts its pods when provisioningConfig names another ConfigMap; none looks into one.

intel-device-plugins-for-kubernetes pkg/controllers/qat/controller.go, provisioningConfigChanged (pull request 2271).
"""
_OPERATOR_PROVISIONS = frozenset({"4xxxvf", "420xxvf"})
"""VF drivers the operator's webhook takes a provisioningConfig for (domain facts 8.3, rule 7)."""


@dataclass(frozen=True, slots=True)
class Images:
    """Container images of Intel's plugin release."""

    plugin: str
    init: str
    pause: str


def images(spec: Spec, release: str) -> Images:
    """The images of the target's plugin release, or the spec's own; `release` is without its v."""
    plugin = spec.device_plugin
    return Images(
        plugin=plugin.image or f"intel/intel-qat-plugin:{release}",
        init=plugin.init_image or f"intel/intel-qat-initcontainer:{release}",
        pause=plugin.pause_image,
    )


def plugin_lists(
    spec: Spec,
    catalog: Catalog,
    pools: Sequence[ResolvedPool],
    release: str,
    span: Callable[[FieldPath], Span],
) -> tuple[Mapping[str, Sequence[Item]], list[Finding]]:
    """Items of preparation, provisioning, plugin and NodeFeatureRules, and what cannot be done.

    `release` is that of Intel's plugin, without its v.
    """
    chosen = images(spec, release)
    install = spec.device_plugin.install
    served = [p for p in pools if p.spec.serves == "containers" or spec.kubevirt.assignment == "qats"]
    prepared = [p for p in pools if p not in served and p.spec.preparation == "initContainer"]
    findings: list[Finding] = []
    for pool in served:
        findings.extend(_plugin_findings(spec, catalog, pool, span))
    findings.extend(_stale_services(spec, catalog, release, served, span))
    running = served if install != "none" else []
    with_init = [*prepared, *(p for p in running if p.spec.preparation == "initContainer")]

    def item(pool: ResolvedPool, data: Plain) -> Item:
        return Item(data, pool.spec.path, span(pool.spec.path))

    plugins = [item(p, _plugin(spec, catalog, p, chosen)) for p in running]
    labelled = [p for p in pools if p.spec.labelled_by == "nodeFeatureRule"]
    findings.extend(finding for p in labelled for finding in _label_findings(p, pools, span))
    lists = {
        "provisionings": [item(p, _provisioning(spec, p)) for p in with_init if p.services_line],
        "preparations": [item(p, _preparation(spec, p, chosen)) for p in prepared],
        "pluginDaemonSets": plugins if install == "daemonSet" else [],
        "pluginResources": plugins if install == "operator" else [],
        "nodeFeatureRules": [item(p, _node_feature_rule(catalog, p)) for p in labelled],
    }
    return lists, findings


def privileged_namespaces(spec: Spec, lists: Mapping[str, Sequence[Item]]) -> frozenset[str]:
    """Namespaces that hold an init container that must be privileged, or the plugin's host paths."""
    ours = any(lists[key] for key in ("preparations", "pluginDaemonSets", "pluginResources"))
    return frozenset({spec.device_plugin.namespace}) if ours else frozenset()


def _config_name(spec: Spec, pool: ResolvedPool) -> str:
    """The name of a pool's ConfigMap; for the operator, which compares nothing else, it changes with the content."""
    name = f"qat-config-{pool.spec.name}"
    if not _by_operator(spec, pool):
        return name
    return f"{name}-{hashlib.sha256(pool.services_line.encode()).hexdigest()[:8]}"


def _by_operator(spec: Spec, pool: ResolvedPool) -> bool:
    """Whether Intel's operator prepares the pool's nodes: those its plugin serves."""
    served = pool.spec.serves == "containers" or spec.kubevirt.assignment == "qats"
    return served and spec.device_plugin.install == "operator"


def _init(spec: Spec, pool: ResolvedPool, chosen: Images) -> Plain:
    provisioning = _config_name(spec, pool) if pool.services_line else None
    return {"image": chosen.init, "pfIds": list(pool.pf_ids), "provisioning": provisioning}


def _provisioning(spec: Spec, pool: ResolvedPool) -> Plain:
    return {
        "name": _config_name(spec, pool),
        "namespace": spec.device_plugin.namespace,
        "servicesEnabled": pool.services_line,
    }


def _preparation(spec: Spec, pool: ResolvedPool, chosen: Images) -> Plain:
    return {
        "name": f"qat-preparation-{pool.spec.name}",
        "namespace": spec.device_plugin.namespace,
        "nodeSelector": pool.spec.node_selector,
        "tolerations": list(pool.spec.tolerations),
        "init": _init(spec, pool, chosen),
        "pauseImage": chosen.pause,
        # A changed ConfigMap alone restarts no pod; this annotation of the template does.
        "checksum": pool.services_line,
    }


def _plugin(spec: Spec, catalog: Catalog, pool: ResolvedPool, chosen: Images) -> Plain:
    plugin = spec.device_plugin
    driver = catalog.family(pool.device_class.spec.family).vf_driver
    devices = max(1, pool.spec.physical_functions * pool.spec.virtual_functions)
    args = ["-dpdk-driver=vfio-pci", f"-kernel-vf-drivers={driver}", f"-max-num-devices={devices}"]
    if plugin.allocation_policy != "none":
        args.append(f"-allocation-policy={plugin.allocation_policy}")
    if plugin.log_level is not None:
        args.append(f"-v={plugin.log_level}")
    return {
        "name": f"intel-qat-plugin-{pool.spec.name}",
        "namespace": plugin.namespace,
        "image": chosen.plugin,
        "args": args,
        "kernelVfDrivers": [driver],
        "maxNumDevices": devices,
        "allocationPolicy": plugin.allocation_policy,
        "logLevel": plugin.log_level,
        "nodeSelector": pool.spec.node_selector,
        "tolerations": list(pool.spec.tolerations),
        "init": _init(spec, pool, chosen) if pool.spec.preparation == "initContainer" else None,
        "checksum": pool.services_line if pool.spec.preparation == "initContainer" else None,
    }


def _plugin_findings(
    spec: Spec, catalog: Catalog, pool: ResolvedPool, span: Callable[[FieldPath], Span]
) -> Iterator[Finding]:
    family = catalog.family(pool.device_class.spec.family)
    at = span((*pool.spec.path, "deviceClass"))
    if not family.vf_driver or not family.plugin_since:
        message = f'Intel\'s plugin does not support family "{family.name}" of pool "{pool.spec.name}"'
        yield Finding(rule=rules.NO_PLUGIN, message=message, at=at, hint="choose another family")
    elif (
        spec.device_plugin.install == "operator" and pool.services_line and family.vf_driver not in _OPERATOR_PROVISIONS
    ):
        message = f'Intel\'s operator sets services of 4xxx and 420xx endpoints alone, not of "{family.name}"'
        hint = "write `devicePlugin: {install: daemonSet}`, or set the services on the host"
        yield Finding(rule=rules.TOPOLOGY, message=message, at=at, hint=hint)


def _stale_services(
    spec: Spec, catalog: Catalog, release: str, pools: Sequence[ResolvedPool], span: Callable[[FieldPath], Span]
) -> Iterator[Finding]:
    """An operator that compares no ConfigMap at all: a change of services never reaches the nodes."""
    version = catalog.plugin(release).version
    concerned = [pool.spec.name for pool in pools if pool.services_line and _by_operator(spec, pool)]
    if concerned and parse_version(version) < parse_version(_OPERATOR_COMPARES):
        pools_named = f"pool{'s' if len(concerned) > 1 else ''} {', '.join(concerned)}"
        message = (
            f"the operator of Intel's plugin {version} does not notice a change of services: "
            f"the nodes of {pools_named} would keep the old ones"
        )
        hint = (
            f"write `target: {{devicePlugin: v{_OPERATOR_COMPARES}.0}}` or `devicePlugin: {{install: daemonSet}}`, "
            "or delete the plugin's pods after each change of services"
        )
        at = span(("spec", "devicePlugin", "install"))
        yield Finding(rule=rules.OPERATOR_STALE, message=message, at=at, hint=hint)


def _node_feature_rule(catalog: Catalog, pool: ResolvedPool) -> Plain:
    family = catalog.family(pool.device_class.spec.family)
    return {
        "name": f"qat-{pool.spec.name}",
        "labels": pool.spec.node_selector,
        "pfIds": list(pool.pf_ids),
        "module": family.kernel_module,
    }


def _may_be_ruled(key: str) -> bool:
    """Whether node feature discovery lets a rule set a label of Kubernetes' domain: its own, and those below it."""
    domain = key.partition("/")[0]
    return domain == "feature.node.kubernetes.io" or domain.endswith(".feature.node.kubernetes.io")


def _label_findings(
    pool: ResolvedPool, pools: Sequence[ResolvedPool], span: Callable[[FieldPath], Span]
) -> Iterator[Finding]:
    """A rule labels by hardware: two pools of one family would both match, and be one pool."""
    for key in pool.spec.node_selector:
        if any(part in key for part in _WELL_KNOWN) and not _may_be_ruled(key):
            at = span((*pool.spec.path, "nodeSelector", key))
            message = f'a NodeFeatureRule may not set "{key}", a label of Kubernetes itself'
            hint = "choose a label key under a domain of your own"
            yield Finding(rule=rules.NODE_LABELS, message=message, at=at, hint=hint)
    for other in pools:
        if other is not pool and set(other.pf_ids) & set(pool.pf_ids):
            at = span((*pool.spec.path, "labelledBy"))
            message = (
                f'pools "{pool.spec.name}" and "{other.spec.name}" have the same hardware: '
                "a NodeFeatureRule cannot tell their nodes apart"
            )
            yield Finding(rule=rules.NODE_LABELS, message=message, at=at, hint="write `labelledBy: hand`")
