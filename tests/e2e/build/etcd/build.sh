#!/usr/bin/env bash
# build.sh ROOT: etcd, the store below kube-apiserver, from the distribution where it is not there yet; ROOT is not used.
set -euo pipefail
[ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/etcd" ] && exit 0
command -v etcd >/dev/null && exit 0
command -v apt-get >/dev/null || { echo "SKIP etcd: not on PATH, and no apt-get to install it" >&2; exit 0; }
[ "$(id -u)" = 0 ] || { echo "SKIP etcd: not on PATH, and only root may install it (apt-get install etcd-server)" >&2; exit 0; }
apt-get update -qq
apt-get install -y -qq --no-install-recommends etcd-server >/dev/null
