#!/usr/bin/env bash
# all.sh: every program the end-to-end tests ask, built into a cache outside the tree; what is there already costs nothing.
# All are tried, whatever became of the one before; the exit code says whether one failed.
set -uo pipefail
root=${QATGEN_ASSETS:-${XDG_CACHE_HOME:-$HOME/.cache}/qatgen/e2e}
mkdir -p "$root"
failed=()
for script in "$(dirname "$0")"/*/build.sh; do
  program=$(basename "$(dirname "$script")")
  log=$root/$program.log
  echo "e2e-assets: $program" >&2
  if bash "$script" "$root" >"$log" 2>&1; then
    grep '^SKIP' "$log" >&2
  else
    tail -n 5 "$log" >&2
    failed+=("$program")
  fi
done
[ ${#failed[@]} = 0 ] || { echo "e2e-assets: FAILED: ${failed[*]} (logs in $root)" >&2; exit 1; }
