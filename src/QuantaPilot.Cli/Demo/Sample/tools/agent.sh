#!/usr/bin/env bash
# A small stand-in for a coding agent. QuantaPilot starts it in a checkout, with the task in QP_PROMPT and QP_TASK_FILE.
set -euo pipefail

write_total() {
  mkdir -p bin tests
  cat > bin/total.sh <<'PROGRAM'
#!/usr/bin/env bash
# Usage: total.sh BASKET.csv. Prints the total in cents.
set -euo pipefail

total=0
number=0
while IFS=, read -r item quantity cents; do
  number=$((number + 1))
  [[ $number == 1 ]] && continue
  if [[ -z $item || ! $quantity =~ ^[0-9]+$ || ! $cents =~ ^[0-9]+$ ]]; then
    echo "line $number is not item,quantity,cents" >&2
    exit 1
  fi
  total=$((total + 10#$quantity * 10#$cents))
done < "$1"
echo "$total"
PROGRAM
  cat > tests/total_test.sh <<'PROGRAM'
#!/usr/bin/env bash
set -euo pipefail

basket=$(mktemp)
trap 'rm -f "$basket"' EXIT
printf 'item,quantity,cents\n' > "$basket"
[[ $(bash bin/total.sh "$basket") == 0 ]] || { echo "an empty basket costs something" >&2; exit 1; }
printf 'pear,3,40\nplum,10,08\n' >> "$basket"
[[ $(bash bin/total.sh "$basket") == 200 ]] || { echo "3 x 40 + 10 x 8 is not 200" >&2; exit 1; }
PROGRAM
  echo "Wrote bin/total.sh and its tests."
}

write_receipt() {
  mkdir -p bin tests
  cat > bin/receipt.sh <<'PROGRAM'
#!/usr/bin/env bash
# Usage: receipt.sh BASKET.csv. Prints a line for each item, and the total.
set -euo pipefail

money() { printf '%d.%02d' $(($1 / 100)) $(($1 % 100)); }

total=$(bash "${BASH_SOURCE[0]%/*}/total.sh" "$1")
tail -n +2 "$1" | while IFS=, read -r item quantity cents; do
  printf '%-12s %3d x %6s %8s\n' "$item" "$quantity" "$(money "$cents")" "$(money $((quantity * cents)))"
done
printf '%-25s %8s\n' total "$(money "$total")"
PROGRAM
  cat > tests/receipt_test.sh <<'PROGRAM'
#!/usr/bin/env bash
set -euo pipefail

basket=$(mktemp)
trap 'rm -f "$basket"' EXIT
printf 'item,quantity,cents\npear,3,5\n' > "$basket"
last=$(bash bin/receipt.sh "$basket" | tail -n 1)
[[ $last == "total"*" 0.15" ]] || { echo "the last line is '$last'" >&2; exit 1; }
PROGRAM
  echo "Wrote bin/receipt.sh and its tests."
}

describe() {
  cat >> README.md <<'TEXT'

## Programs

- `bash bin/total.sh data/basket.csv` prints the total of a basket in cents.
- `bash bin/receipt.sh data/basket.csv` prints its receipt.
TEXT
  echo "Described both programs in README.md."
}

case "$QP_PROMPT" in
  *bin/total.sh*) write_total ;;
  *bin/receipt.sh*) write_receipt ;;
  *README.md*) describe ;;
  *) echo "this agent knows nothing about: $QP_PROMPT" >&2; exit 1 ;;
esac
