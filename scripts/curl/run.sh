#!/usr/bin/env bash
# The whole life of a run with bash (4.4 or later), curl (7.76 or later) and jq: start it, watch it live, see what its gates ask,
# decide, read its log.
#
#   QP=http://127.0.0.1:7071 TOKEN=qp_… scripts/curl/run.sh https://github.com/my-org/project main
#
# At a gate it asks. DECISION=approve or DECISION=reject (with REASON) decides without asking. A repeat with the same KEY
# (any text) finds the run that it has started. Exit codes: 0 completed, 1 failed, 2 wrong use, 3 rejected or cancelled.
set -euo pipefail

if [[ $# -ne 2 || -z ${QP:-} || -z ${TOKEN:-} ]]; then
  echo 'Usage: QP=<url of the server> TOKEN=<API token> run.sh <repository> <branch>' >&2
  exit 2
fi
server=${QP%/}
answer=$(mktemp)
trap 'rm -f "$answer"; [[ -z ${watching:-} ]] || kill "$watching" 2> /dev/null || true' EXIT

# The token goes by a file descriptor: other users could read a command line.
authorized() { curl --silent --show-error -H @<(printf 'Authorization: Bearer %s' "$TOKEN") "$@"; }

# A problem, which is JSON too, goes to stderr and ends the script. Passing ones (429, 503) are tried again when Retry-After says.
api() {
  if ! authorized --fail-with-body --max-time 60 --retry 5 --retry-connrefused -o "$answer" "$@"; then
    cat "$answer" >&2
    exit 1
  fi
  cat "$answer"
}

start() {
  local body
  body=$(jq -n --arg repo "$1" --arg branch "$2" '{repo_url: $repo, branch: $branch}')
  # With an Idempotency-Key a repeat, after a lost answer say, starts nothing twice.
  api "$server/run" -H 'Content-Type: application/json' -H "Idempotency-Key: ${KEY:-$(date +%s)-$$-$RANDOM}" -d "$body" | jq -r .run_id
}

# What the gate asks, the decision, and what came of it.
decide() {
  local gate=$1 review decision=${DECISION:-} reason=${REASON:-} status
  review=$(api "$server/runs/$run/gates" | jq --arg gate "$gate" '.items[] | select(.gate == $gate and .status == "pending")')
  # Somebody else was faster.
  [[ -n $review ]] || return 0
  jq -r '"gate \(.gate): \(.description)", "  branch \(.review.pull_request.branch) at \(.review.head_sha), until \(.expires_at)"' \
    <<< "$review"
  if [[ -z $decision ]]; then
    read -rp 'approve or reject? ' decision < /dev/tty
    read -rp 'reason: ' reason < /dev/tty
  fi
  # The head that was looked at: if it has moved meanwhile, the decision is refused as stale and the gate asks again.
  status=$(jq --arg decision "$decision" --arg reason "${reason:-decided with run.sh}" \
    '{approved: ($decision == "approve"), reason: $reason, head_sha: .review.head_sha}' <<< "$review" \
    | authorized --max-time 60 "$server/runs/$run/gates/$gate" -H 'Content-Type: application/json' -d @- -o "$answer" -w '%{http_code}')
  if [[ $status == 200 ]]; then jq -r '"  \(.result)"' "$answer"; else jq -r '"  \(.error_code): \(.detail)"' "$answer" >&2; fi
}

run=$(start "$1" "$2")
echo "run $run"
after=0 ended=''
while [[ -z $ended ]]; do
  # A stream that breaks off is opened again, and goes on after the last event that was read.
  exec {events}< <(exec curl --silent --no-buffer -H @<(printf 'Authorization: Bearer %s' "$TOKEN") \
    -H 'Accept: text/event-stream' -H "Last-Event-ID: $after" "$server/runs/$run/events")
  watching=$!
  while [[ -z $ended ]] && IFS= read -r line <&"$events"; do
    [[ $line == 'data: '* ]] || continue
    event=${line#data: }
    after=$(jq .sequence <<< "$event")
    type=$(jq -r .type <<< "$event")
    echo "$after ${type#quantapilot.}"
    case $type in
      quantapilot.gate_requested) decide "$(jq -r .data.gate <<< "$event")" ;;
      quantapilot.run_completed) ended=0 ;;
      quantapilot.run_failed)
        jq -r '"\(.data.error_code): \(.data.message)"' <<< "$event" >&2
        case $(jq -r .data.error_code <<< "$event") in gate_rejected | cancelled) ended=3 ;; *) ended=1 ;; esac
        ;;
    esac
  done
  exec {events}<&-
  if [[ -z $ended ]]; then
    sleep 2
    api "$server/runs/$run" > /dev/null
  fi
done

echo 'log:'
api "$server/runs/$run/events?after=0&limit=200" | jq -r '.items[] | "  \(.sequence) \(.time) \(.type) \(.data | tojson)"'
exit "$ended"
