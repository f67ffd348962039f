#!/bin/sh
# Reviews one pull request, or with FAIRLEAD_PULL=forks every open one of a fork, and posts the verdict. Base and head
# are fetched as Git objects into an empty repository: no file of a pull request is ever written to disk, and no
# setting, hook or program of it is ever used.
set -eu
. "$(dirname -- "$0")/common.sh"

: "${FAIRLEAD_FORGE:?}" "${FAIRLEAD_FORGE_URL:?}" "${FAIRLEAD_REPO:?}" "${FAIRLEAD_GIT_URL:?}"
[ -n "${FAIRLEAD_FORGE_TOKEN:-}" ] || fail 'there is no token to comment with: set FAIRLEAD_FORGE_TOKEN'
case ${FAIRLEAD_PULL:-} in
  forks) ;;
  '' | *[!0-9]*) fail 'this is no pipeline of a pull request: it has no number' ;;
esac
use_git_token "${FAIRLEAD_GIT_USER:-x-access-token}" "${FAIRLEAD_GIT_TOKEN:-$FAIRLEAD_FORGE_TOKEN}"

git init --quiet --template= "$work/repository"
cd "$work/repository"
export GIT_CEILING_DIRECTORIES="$work"

fetch() {
  git fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head "$FAIRLEAD_GIT_URL" "$@"
}

# A runner of one's own may have settings lying about.
without_settings() {
  unset FAIRLEAD_CONNECTIONS
  export XDG_CONFIG_HOME="$work/none"
}

against=${FAIRLEAD_AGAINST:-}
if [ -z "$against" ]; then
  if [ -n "${FAIRLEAD_SNAPSHOT_BRANCH:-}" ]; then against=snapshot; else against=platform; fi
fi

# What the verdict stands on, as arguments of every review.
set --
case $against in
  snapshot)
    [ -f "$work/snapshot-public-key.pem" ] || fail 'no key verifies the snapshot: set FAIRLEAD_SNAPSHOT_PUBLIC_KEY'
    fetch "+refs/heads/$snapshot_branch:refs/fairlead/snapshot" ||
      fail "there is no branch $snapshot_branch yet: the snapshot job of the default branch publishes it"
    git cat-file blob "refs/fairlead/snapshot:$snapshot_file" >"$work/$snapshot_file"
    set -- --snapshot "$work/$snapshot_file" --snapshot-key "$work/snapshot-public-key.pem"
    # Reviews that stand on a snapshot hold nothing of the platform, whatever a pipeline hands them.
    rm -f "$work/settings.yaml" "$work/private-key.pem"
    without_settings
    ;;
  platform)
    if [ -f "$work/settings.yaml" ]; then
      set -- --connections "$work/settings.yaml"
    else
      echo 'fairlead: FAIRLEAD_SETTINGS is empty: the review compares declarations alone' >&2
    fi
    ;;
  declarations) without_settings ;;
  *) fail "FAIRLEAD_AGAINST must be platform, snapshot or declarations, not $against" ;;
esac
if [ "${FAIRLEAD_SARIF:-}" = true ]; then set -- "$@" --upload-sarif; fi
if [ -n "${FAIRLEAD_CODE_QUALITY:-}" ]; then set -- "$@" --code-quality "$FAIRLEAD_CODE_QUALITY"; fi
set -- "$@" --forge "$FAIRLEAD_FORGE" --forge-url "$FAIRLEAD_FORGE_URL" --repo "$FAIRLEAD_REPO"

case $FAIRLEAD_FORGE in
  gitlab) pulls=merge-requests ;;
  *) pulls=pull ;;
esac

review() { # number base-branch arguments...
  number=$1 base=$2
  shift 2
  # What the forge says of base and head decides; here are the objects for it. A ref that is gone is for the review to say.
  fetch "+refs/heads/$base:refs/remotes/origin/$base" "+refs/$pulls/$number/head:refs/fairlead/head" ||
    echo "fairlead: base branch or head of $number cannot be fetched: was one of them deleted?" >&2
  set -f
  IFS=$newline
  # shellcheck disable=SC2086 # one path a line, split on purpose
  set -- "$@" --pull "$number" -- ${FAIRLEAD_PATHS:-}
  unset IFS
  set +f
  fairlead review "$@"
}

if [ "$FAIRLEAD_PULL" != forks ]; then
  review "$FAIRLEAD_PULL" "${FAIRLEAD_BASE:?}" "$@"
  exit
fi

worst=0
FAIRLEAD_BASE=${FAIRLEAD_BASE:?} node "$root/ci/open-forks.ts" >"$work/forks"
while IFS='	' read -r number base; do
  echo "fairlead: $number" >&2
  (review "$number" "$base" "$@") || worst=$?
done <"$work/forks"
exit "$worst"
