module fairlead/test/servers/tools/flux

go 1.26.0

// For the definitions they carry; nothing is built of them.
require (
	github.com/fluxcd/kustomize-controller v1.9.6
	github.com/fluxcd/source-controller v1.9.0
)
