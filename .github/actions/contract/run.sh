#!/usr/bin/env bash
# The steps of action.yml. The programs are built where they are and run at the root of the repository that uses the action: what they
# write and say names files from there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "${GITHUB_WORKSPACE:-.}"

case "${1:-}" in
drift)
	go build -C "$here" -o "$work/contractgen" ./cmd/contractgen
	if [ -n "${CONFIG:-}" ]; then
		"$work/contractgen" -check -config "$CONFIG" ${DOCUMENT:+-document "$DOCUMENT"} ${OUT:+-out "$OUT"} ${PACKAGE:+-package "$PACKAGE"}
	else
		"$work/contractgen" -check -document "$DOCUMENT" -out "$OUT" -package "${PACKAGE:-$(basename "$OUT")}"
	fi
	;;
breaking)
	go build -C "$here/breaking" -o "$work/breaking" .
	"$work/breaking" -base "$BASE" -document "$DOCUMENT" -packages '' -markdown "${GITHUB_STEP_SUMMARY:-$work/summary.md}"
	;;
*)
	echo "usage: run.sh drift|breaking" >&2
	exit 2
	;;
esac
