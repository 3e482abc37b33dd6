#!/bin/sh
# What a household owes, and whether its water may be cut: DUNNING_URL and DUNNING_KEY say where and who.
set -eu
cd "$(dirname "$0")"
url=${DUNNING_URL:-http://127.0.0.1:8765}

ask() { # path, body: the answer; a problem is shown and ends the script
    curl --silent --show-error --fail-with-body --max-time 60 "$url$1" \
        --header "Authorization: Bearer ${DUNNING_KEY:-}" --header "Content-Type: application/json" \
        --header "Accept-Language: en" --data "$2"
    echo
}

ask /v1/assess @household.json
ask /v1/may '{"action": "cut_water", "on": "2026-03-31", "place": "CN-3301"}'
