#!/usr/bin/env bash
# build.sh ROOT: builds kube-apiserver as a Go module into ROOT/kube-apiserver-VERSION (3 minutes on two cores, 105 MB).
# k8s.io/kubernetes asks for its staging modules at v0.0.0, which only its own tree has; their published tags are v0.MINOR.PATCH.
set -euo pipefail
version=${KUBE_APISERVER_VERSION:-1.36.3}
out=$(realpath -m "$1")/kube-apiserver-$version
[ -x "$out/kube-apiserver" ] && exit 0
command -v go >/dev/null || { echo "SKIP kube-apiserver: no go on PATH" >&2; exit 0; }
mkdir -p "$out"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init bench
printf '//go:build tools\n\npackage bench\n\nimport _ "k8s.io/kubernetes/cmd/kube-apiserver"\n' > tools.go
mod=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
go mod edit -require="k8s.io/kubernetes@v$version"
awk '$1 ~ /^k8s\.io\// && $2 == "v0.0.0" {print $1}' "$mod" | sort -u | while read -r module; do
  go mod edit -replace="$module=$module@v0.${version#1.}"
done
go mod tidy -e
IFS=. read -r major minor _ <<<"$version"
stamp=k8s.io/component-base/version
CGO_ENABLED=0 go build \
  -ldflags "-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=$major -X $stamp.gitMinor=$minor" \
  -o "$work/kube-apiserver" k8s.io/kubernetes/cmd/kube-apiserver
cp "$work/kube-apiserver" "$out/.kube-apiserver.$$"
mv "$out/.kube-apiserver.$$" "$out/kube-apiserver"
