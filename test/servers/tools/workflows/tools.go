//go:build tools

// Package tools pins the programs that the tests of test/servers run.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
