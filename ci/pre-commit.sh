#!/bin/sh
# The hook of .pre-commit-hooks.yaml: `fairlead validate` over the folders given as arguments.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
if [ "$#" -eq 0 ]; then
  echo 'fairlead: say where the declarations are: args: [releases/]' >&2
  exit 1
fi
sh "$here/provide.sh"
exec node "$here/../dist/fairlead.js" validate -- "$@"
