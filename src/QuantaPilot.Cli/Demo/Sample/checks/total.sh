#!/usr/bin/env bash
# Acceptance of M-001. Runs the program itself: it was not written by the agent.
set -euo pipefail

total=$(bash bin/total.sh data/basket.csv)
[[ $total == 1453 ]] || { echo "bin/total.sh data/basket.csv printed '$total', not 1453" >&2; exit 1; }

broken=$(mktemp)
trap 'rm -f "$broken"' EXIT
printf 'item,quantity,cents\ntea,two,349\n' > "$broken"
if message=$(bash bin/total.sh "$broken" 2>&1); then
  echo "bin/total.sh accepted 'tea,two,349'" >&2
  exit 1
fi
[[ $message == *"line 2"* ]] || { echo "the message '$message' does not name line 2" >&2; exit 1; }

bash tests/total_test.sh
