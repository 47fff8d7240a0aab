#!/usr/bin/env bash
# build.sh ROOT: Chromium, which opens the report's page, from the distribution where it is not there; ROOT is not used.
set -euo pipefail
command -v chromium >/dev/null && exit 0
command -v apt-get >/dev/null || { echo "SKIP chromium: not on PATH, and no apt-get to install it" >&2; exit 0; }
[ "$(id -u)" = 0 ] || { echo "SKIP chromium: not on PATH, and only root may install it (apt-get install chromium)" >&2; exit 0; }
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
