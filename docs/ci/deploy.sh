#!/bin/sh
# The last step of a deploy: what is locked is released, and nothing else.
#
#   sh deploy.sh COMMAND [ARGUMENT ...]     COMMAND releases, as in: sh deploy.sh ./switch-traffic.sh blue
#
# What is probed is said in prober.yaml, or by PROBER_... variables (PROBER_DEPLOYMENT, PROBER_BASE_URL, PROBER_PROFILE).
set -eu

if [ $# -eq 0 ]; then
  echo "deploy.sh: say what releases: sh deploy.sh COMMAND [ARGUMENT ...]" >&2
  exit 64
fi

status=0
prober run --wait "${PROBER_WAIT:-60}" --deadline "${PROBER_DEADLINE:-300}" --report json=lockdown.json || status=$?

# Only 0 releases: whatever is not known here, as a prober that is not installed (127), does not.
case $status in
  0)
    echo "locked: released"
    exec "$@"
    ;;
  1) echo "LEAK: not released; lockdown.json says which door" >&2 ;;
  2) echo "no verdict: not released; nobody answered, or not the application" >&2 ;;
  64 | 78) echo "nothing was probed: not released; the command line or a definition is wrong" >&2 ;;
  130) echo "interrupted: not released" >&2 ;;
  *) echo "the prober failed ($status): not released" >&2 ;;
esac
exit "$status"
