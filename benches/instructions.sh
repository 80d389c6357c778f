#!/usr/bin/env bash
# Counts the instructions of five small workloads, for each unit of work, and compares with benches/instructions.txt.
# Needs valgrind. With --write it replaces the table; else it ends with status 1 where one changed by more than 5%.
set -euo pipefail
cd "$(dirname "$0")/.."

table=benches/instructions.txt
binary=$(cargo bench --bench instructions --no-run --message-format=json 2>/dev/null |
    sed -n 's/.*"name":"instructions".*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
[ -x "$binary" ] || { echo "instructions.sh: the benchmark was not built" >&2; exit 3; }

# Instructions and units of work of so many rounds of a workload.
count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$1" "$2" 2>&1 |
        awk '/refs:/ { gsub(",", "", $NF); refs = $NF } / units$/ { units = $4 } END { print refs, units }'
}

status=0
new=$(mktemp)
trap 'rm -f "$new"' EXIT
for workload in chain-16 flood-64 vxlan ping-10 build-100; do
    read -r few_refs few_units < <(count "$workload" 1)
    read -r many_refs many_units < <(count "$workload" 5)
    each=$(((many_refs - few_refs) / (many_units - few_units)))
    old=$(awk -v name="$workload" '$1 == name { print $2 }' "$table" 2>/dev/null || true)
    printf '%-10s %8d\n' "$workload" "$each" >> "$new"
    if [ -n "$old" ]; then
        change=$(((each - old) * 1000 / old))
        printf '%-10s %8d instructions, was %8d: %+d.%d%%\n' "$workload" "$each" "$old" $((change / 10)) $((change < 0 ? -change % 10 : change % 10))
        [ "${change#-}" -le 50 ] || status=1
    else
        printf '%-10s %8d instructions, new\n' "$workload" "$each"
    fi
done
if [ "${1:-}" = --write ]; then
    cp "$new" "$table"
    status=0
fi
exit "$status"
