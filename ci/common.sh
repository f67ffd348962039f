# shellcheck shell=sh
# shellcheck disable=SC2034 # whoever sources this uses them
# Sourced by review.sh and snapshot.sh: a folder of our own, the place of the repository, its credential for Git, and
# the administrator's settings as files. Everything comes from variables; nothing of a pull request is ever a word of
# a command.

fail() {
  echo "fairlead: $1" >&2
  exit 1
}

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
umask 077
work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/fairlead.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' TERM INT

fairlead() {
  node "$root/dist/fairlead.js" "$@"
}

# GitLab's own variables say what the inputs of the action say elsewhere.
if [ "${GITLAB_CI:-}" = true ]; then
  : "${FAIRLEAD_FORGE:=gitlab}" "${FAIRLEAD_FORGE_URL:=$CI_SERVER_URL}" "${FAIRLEAD_REPO:=$CI_PROJECT_PATH}"
  : "${FAIRLEAD_GIT_URL:=$CI_PROJECT_URL.git}" "${FAIRLEAD_GIT_USER:=gitlab-ci-token}"
  : "${FAIRLEAD_GIT_TOKEN:=$CI_JOB_TOKEN}" "${FAIRLEAD_BASE:=${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-$CI_DEFAULT_BRANCH}}"
  : "${FAIRLEAD_PULL:=${CI_MERGE_REQUEST_IID:-}}"
fi

# So do those of GitHub, which Gitea sets as well.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
  if [ "${GITEA_ACTIONS:-}" = true ]; then actions_forge=gitea; else actions_forge=github; fi
  : "${FAIRLEAD_FORGE:=$actions_forge}" "${FAIRLEAD_FORGE_URL:=$GITHUB_SERVER_URL}" "${FAIRLEAD_REPO:=$GITHUB_REPOSITORY}"
  : "${FAIRLEAD_GIT_URL:=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY.git}"
fi

export FAIRLEAD_FORGE FAIRLEAD_FORGE_URL FAIRLEAD_REPO

# Git gets the credential by its environment, never as an argument, and only for this host.
use_git_token() { # user token
  export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=0
  if [ -z "$2" ]; then return; fi
  GIT_CONFIG_KEY_0="http.$(printf '%s' "$FAIRLEAD_GIT_URL" | sed -E 's,^(https?://[^/]+)/.*$,\1/,').extraHeader"
  GIT_CONFIG_VALUE_0="Authorization: Basic $(printf '%s:%s' "$1" "$2" | base64 | tr -d '\n')"
  GIT_CONFIG_COUNT=1
  export GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_COUNT
}

# Settings and keys arrive as text, or as the name of a file that holds it (GitLab's variables of type File).
keep() { # text-or-file name
  if [ -z "$1" ]; then return; fi
  if [ -f "$1" ]; then cat -- "$1"; else printf '%s\n' "$1"; fi >"$work/$2"
}

keep "${FAIRLEAD_SETTINGS:-}" settings.yaml
keep "${FAIRLEAD_PRIVATE_KEY:-}" private-key.pem
keep "${FAIRLEAD_PLATFORM_PUBLIC_KEY:-}" platform-public-key.pem
keep "${FAIRLEAD_SNAPSHOT_SIGNING_KEY:-}" snapshot-signing-key.pem
keep "${FAIRLEAD_SNAPSHOT_PUBLIC_KEY:-}" snapshot-public-key.pem
unset FAIRLEAD_SETTINGS FAIRLEAD_PRIVATE_KEY FAIRLEAD_SNAPSHOT_SIGNING_KEY

snapshot_branch=${FAIRLEAD_SNAPSHOT_BRANCH:-fairlead-snapshot}
snapshot_file=platform.snapshot.yaml

# The paths, one a line, as "$@" of whoever evaluates it: set -f; IFS=newline; set -- $FAIRLEAD_PATHS
newline='
'
