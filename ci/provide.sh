#!/bin/sh
# Makes Fairlead ready beside this file: uses the bundle in dist/ where there is one, else builds it from this commit,
# with the versions and hashes of package-lock.json and without any package's scripts. Needs Node and npm.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
if [ -f "$root/dist/fairlead.js" ]; then exit 0; fi
# Nothing that is built or installed here has any use for them.
unset FAIRLEAD_FORGE_TOKEN FAIRLEAD_SETTINGS FAIRLEAD_PRIVATE_KEY FAIRLEAD_SNAPSHOT_SIGNING_KEY FAIRLEAD_PUSH_TOKEN
unset GITHUB_TOKEN GITEA_TOKEN CI_JOB_TOKEN CI_REPOSITORY_URL CI_REGISTRY_PASSWORD CI_DEPENDENCY_PROXY_PASSWORD
echo 'fairlead: building the pinned commit' >&2
cd "$root"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
npm run --silent build >&2
