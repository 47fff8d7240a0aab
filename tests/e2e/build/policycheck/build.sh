#!/usr/bin/env bash
# build.sh ROOT: builds policycheck, which evaluates expressions and checks types of policies with Kubernetes' own code, as a
# Go module into ROOT/policycheck-VERSION (2 minutes on two cores once kube-apiserver was built, 75 MB).
set -euo pipefail
version=${KUBE_APISERVER_VERSION:-1.36.3}
source=$(cd "$(dirname "$0")" && pwd)/main.go
out=$(realpath -m "$1")/policycheck-$version
[ -x "$out/policycheck" ] && exit 0
command -v go >/dev/null || { echo "SKIP policycheck: no go on PATH" >&2; exit 0; }
mkdir -p "$out"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init bench
cp "$source" main.go
mod=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
go mod edit -require="k8s.io/kubernetes@v$version"
awk '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" {print $1}' "$mod" | sort -u | while read -r module; do
  go mod edit -replace="$module=$module@v0.${version#1.}"
done
go mod tidy -e
CGO_ENABLED=0 go build -ldflags "-s -w" -o "$work/policycheck" .
cp "$work/policycheck" "$out/.policycheck.$$"
mv "$out/.policycheck.$$" "$out/policycheck"
