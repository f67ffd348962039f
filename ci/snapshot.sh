#!/bin/sh
# Reads the platform and publishes what a review must know of it, signed and without secrets, as the only commit of a
# branch. Runs in a checkout of the default branch, whose declarations say which programs are read.
set -eu
. "$(dirname -- "$0")/common.sh"

: "${FAIRLEAD_GIT_URL:?}"
[ -f "$work/settings.yaml" ] || fail 'there is no platform to read: set FAIRLEAD_SETTINGS'
[ -f "$work/snapshot-signing-key.pem" ] || fail 'the snapshot cannot be signed: set FAIRLEAD_SNAPSHOT_SIGNING_KEY'
token=${FAIRLEAD_PUSH_TOKEN:-${FAIRLEAD_FORGE_TOKEN:-}}
[ -n "$token" ] || fail "nothing may push $snapshot_branch: set FAIRLEAD_PUSH_TOKEN"

# Split at line feeds and nowhere else; no path is a pattern.
set -f
IFS=$newline
# shellcheck disable=SC2086
set -- ${FAIRLEAD_PATHS:-}
unset IFS
set +f
fairlead snapshot --connections "$work/settings.yaml" --sign "$work/snapshot-signing-key.pem" \
  --out "$work/$snapshot_file" -- "$@"

git init --quiet --template= "$work/repository"
cd "$work/repository"
export GIT_AUTHOR_NAME=fairlead GIT_AUTHOR_EMAIL=fairlead@localhost
export GIT_COMMITTER_NAME=fairlead GIT_COMMITTER_EMAIL=fairlead@localhost
blob=$(git hash-object -w -- "$work/$snapshot_file")
tree=$(printf '100644 blob %s\t%s\n' "$blob" "$snapshot_file" | git mktree)
commit=$(git commit-tree "$tree" -m 'Publish what was read of the platform')
use_git_token "${FAIRLEAD_PUSH_USER:-x-access-token}" "$token"
# One commit, replaced: what it says is worth nothing once there is a newer one.
git push --quiet --force "$FAIRLEAD_GIT_URL" "$commit:refs/heads/$snapshot_branch"
echo "fairlead: published $snapshot_branch" >&2
