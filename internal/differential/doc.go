// Package differential compares the run-time of the generated code with independent judges: for values made at random from a document,
// [schema.Schema.Check], kin-openapi and a validator for JSON Schema have to come to the same verdict, and the readers and writers of the
// generated types have to read what the checker accepts, and nothing else, and give it back. It contains tests only.
//
// Whatever the two judges disagree about is either a defect or one of the differences listed in differences_test.go, each of
// which has a test of its own.
//
// A run is repeated with the seed that it prints:
//
//	go test ./internal/differential -run TestVerdicts/cni/nsc_Interconnect$ -seed 17
//
// With -long it takes minutes instead of seconds, and makes a seed of its own unless it is given one.
package differential
