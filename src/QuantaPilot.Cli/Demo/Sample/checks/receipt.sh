#!/usr/bin/env bash
# Acceptance of M-002. Runs the program itself: it was not written by the agent.
set -euo pipefail

expected='tea            2 x   3.49     6.98
bread          1 x   4.25     4.25
apples         6 x   0.55     3.30
total                        14.53'
printed=$(bash bin/receipt.sh data/basket.csv)
if [[ $printed != "$expected" ]]; then
  printf 'bin/receipt.sh data/basket.csv printed\n%s\nnot\n%s\n' "$printed" "$expected" >&2
  exit 1
fi

bash tests/receipt_test.sh
grep -q 'bin/receipt.sh' README.md || { echo "README.md does not describe bin/receipt.sh" >&2; exit 1; }
