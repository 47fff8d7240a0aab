#!/usr/bin/env bash
# build.sh ROOT: builds kvoracle on the packages of KubeVirt v1.9.0 and v1.8.0 into ROOT/kubevirt-VERSION; build.sh FOLDER VERSION
# builds one into FOLDER. Two to four minutes each on two cores, under one with Go's build cache warm.
# A binary is rebuilt when one of these files differs from those it was made of: their digest stands beside it.
# KubeVirt's own replaces are copied, those of its ./staging become the published modules; stubs/ stands in for three
# modules that nothing here calls, one of them cgo.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 2 ]; then
    for version in v1.9.0 v1.8.0; do "$0" "$1/kubevirt-$version" "$version"; done
    exit
fi
out=$(realpath -m "$1")
version=$2
digest=$(cd "$here" && find . -type f | LC_ALL=C sort | xargs cat | sha256sum | cut -d' ' -f1)
if [ -x "$out/kvoracle" ] && [ "$(cat "$out/digest" 2>/dev/null || true)" = "$digest" ]; then exit 0; fi
command -v go >/dev/null || { echo "SKIP kubevirt: no go on PATH" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here"/*.go "$here/stubs" "$work"
cd "$work"
go mod init kvoracle
# The same direct and indirect requirements, so that Go's selection gives KubeVirt's own versions.
module=$(go mod download -json "kubevirt.io/kubevirt@$version")
go mod edit -json "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["GoMod"])' <<<"$module")" | python3 -c '
import json, sys
version, module = sys.argv[1], json.load(sys.stdin)
print("-go=" + module["Go"])
print("-require=kubevirt.io/kubevirt@" + version)
for replace in module["Replace"]:
    old, new = replace["Old"]["Path"], replace["New"]
    if new["Path"].startswith("./"):
        new = {"Path": old, "Version": version}
    print("-replace={}={}@{}".format(old, new["Path"], new["Version"]))
' "$version" | xargs go mod edit
go mod edit -replace=kubevirt.io/virt-template-api=./stubs/virt-template-api \
    -replace=kubevirt.io/virt-template-client-go=./stubs/virt-template-client-go \
    -replace=libvirt.org/go/libvirt=./stubs/libvirt
# Two of its dependencies are in no checksum database, so its own list is the start of ours.
cp "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])' <<<"$module")/go.sum" go.sum
chmod u+w go.sum
go mod tidy
CGO_ENABLED=0 go build -ldflags "-s -w" -o "$work/kvoracle" .
mkdir -p "$out"
cp "$work/kvoracle" "$out/.kvoracle.$$"
mv "$out/.kvoracle.$$" "$out/kvoracle"
echo "$digest" >"$out/digest"
