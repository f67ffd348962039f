//go:build tools

// Package tools pins the programs that the tests of test/servers run.
package tools

import (
	// For the definition of ServiceMonitor that lies beside it.
	_ "github.com/prometheus-operator/prometheus-operator/pkg/versionutil"
	_ "github.com/yannh/kubeconform/cmd/kubeconform"
	_ "helm.sh/helm/v3/cmd/helm"
)
