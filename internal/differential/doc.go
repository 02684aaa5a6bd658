// Package differential holds the run-time of the generated code against an independent judge: for values made at random
// from a document, [contract.Schema.Check] and kin-openapi have to come to the same verdict, and the generated Go types have
// to read what is accepted and nothing else. It contains tests only.
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
