//go:build !(darwin || linux)

package sandbox_test

import "errors"

func limitFiles(string) error { return errors.ErrUnsupported }
