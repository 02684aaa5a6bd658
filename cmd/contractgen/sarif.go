package main

import (
	"strings"

	"github.com/interconnect-go/interconnect/gen"
)

// This file writes the Static Analysis Results Interchange Format, version 2.1.0, which code scanning services read. It has the members that
// they need and no others.

type sarif struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name  string      `json:"name"`
	URI   string      `json:"informationUri"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	Help             sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID    string          `json:"ruleId"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
	Related   []sarifLocation `json:"relatedLocations,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	Line   int `json:"startLine"`
	Column int `json:"startColumn,omitempty"`
}

// noRule is the rule of what is an error in any case.
const noRule = "invalid-document"

func newSARIF(found gen.Diagnostics) sarif {
	driver := sarifDriver{
		Name: "contractgen", URI: "https://pkg.go.dev/github.com/interconnect-go/interconnect/cmd/contractgen",
		Rules: []sarifRule{{noRule, sarifText{"what is an error in any case"}, sarifText{"no code can be generated for it"}}},
	}
	for _, rule := range gen.Rules() {
		driver.Rules = append(driver.Rules, sarifRule{rule.Name, sarifText{rule.Finds}, sarifText{rule.Why}})
	}
	results := []sarifResult{}
	for _, d := range found {
		message := d.Message
		if d.Pointer != "" {
			message = d.Pointer + ": " + message
		}
		result := sarifResult{
			RuleID: d.Rule, Level: string(d.Severity), Message: sarifText{message}, Locations: []sarifLocation{newSARIFLocation(d.Position)},
		}
		if result.RuleID == "" {
			result.RuleID = noRule
		}
		for _, position := range d.Related {
			result.Related = append(result.Related, newSARIFLocation(position))
		}
		results = append(results, result)
	}
	return sarif{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0",
		Runs: []sarifRun{{Tool: sarifTool{driver}, ColumnKind: "unicodeCodePoints", Results: results}},
	}
}

func newSARIFLocation(p gen.Position) sarifLocation {
	location := sarifLocation{sarifPhysical{Artifact: sarifArtifact{URI: strings.ReplaceAll(p.File, " ", "%20")}}}
	if p.Line > 0 {
		location.Physical.Region = &sarifRegion{Line: p.Line, Column: p.Column}
	}
	return location
}
