# CI runs nothing but the targets below. The versions of the tools are in go.mod, see tools.go, and in
# internal/tools/go.mod; that of the one that only a release needs is here.

SHELL      := bash
.SHELLFLAGS := -eu -o pipefail -c
GO         ?= go
FUZZTIME   ?= 5m
BASE       ?= origin/main
export BASE # which the shell reads, as the name of a branch may be anything
STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck
PLATFORMS   = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
CYCLONEDX   = $(GO) run github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
ACTIONLINT  = $(GO) run -modfile=internal/tools/go.mod github.com/rhysd/actionlint/cmd/actionlint
GOVULNCHECK = $(GO) run -modfile=internal/tools/go.mod golang.org/x/vuln/cmd/govulncheck

# The exported API of the generated package, for reviewers to read in a diff.
API_DOC = $(GO) doc -all ./generated/interconnect

# Modules of their own with packages that contractgen generates, which ./... leaves out.
NESTED = bench interop migrating

.PHONY: all
all: check lint test ## Do what CI does: check, lint and test (the default)

.PHONY: generate
generate: ## Rewrite the generated packages from their documents, and docs/api.txt
	$(GO) generate ./...
	@for module in $(NESTED); do echo "cd $$module && $(GO) generate -run contractgen ./..."; (cd $$module && $(GO) generate -run contractgen ./...) || exit 1; done
	$(MAKE) --no-print-directory api

.PHONY: api
api: ## Write docs/api.txt, the exported API of the generated package
	$(API_DOC) > docs/api.txt

.PHONY: check
check: ## Fail if generated code, docs/api.txt or api/upstream.yaml is out of step, or a document breaks a rule; touches nothing
	@drifted=; while IFS=: read -r file _ _ command; do \
		command="$(GO) $${command#generate go } -check"; echo "cd $$(dirname "$$file") && $$command"; \
		(cd "$$(dirname "$$file")" && $$command </dev/null) || drifted=1; \
	done < <(grep -rn --include='*.go' '^//go:generate go tool contractgen ' .); test -z "$$drifted"
	$(GO) run ./cmd/apidrift -new api/upstream.json
	@$(API_DOC) | diff -u docs/api.txt - || { echo 'docs/api.txt is not the API of generated/interconnect; run: make api' >&2; exit 1; }
	@echo 'docs/api.txt is in step with generated/interconnect'

# The packages that are tested with the race detector: those that start goroutines, share what goroutines use, or serve HTTP, which is
# concurrent in itself. Elsewhere it finds nothing and makes computation ten times slower: comparing values with another validator takes
# 25 s of processor time without it and 270 s with it. TestRaceList fails if a package is missing here.
RACE = ./client ./cmd/interconnect ./contract/... ./internal/bodies ./internal/everywhere ./internal/features ./internal/inflight ./internal/matrix ./proxy ./sandbox/...

# go vet is a part of lint, and not repeated for each variant of a package. Nested modules have to be named, as ./... leaves them out. The
# first two run with trimmed copies of the official SDKs, which are large: see interop/trim.
TEST    = $(GO) test -vet=off
INTEROP = cd interop && trimmed=$$($(GO) run ./trim) && export GOFLAGS="$${GOFLAGS-} -modfile=$$trimmed" &&

.PHONY: test
test: ## Run all tests, where it can find something with the race detector, and those of the other modules
	$(TEST) $$($(GO) list ./... | grep -vxFf <($(GO) list $(RACE)))
	$(TEST) -race $(RACE)
	$(TEST) ./client ./contract/schema ./internal/bodies ./internal/everywhere -run Hostile
	$(INTEROP) $(TEST) ./...
	cd bench && $(TEST) .
	cd breaking && $(TEST) .
	cd migrating && $(TEST) .

.PHONY: test-short
test-short: ## Run the tests of this module in under a minute: without the race detector, fewer rounds, and without a browser
	$(TEST) -short ./...

# The other release of Go that is supported, beside the one that is installed. What our messages say may not depend on the release.
OTHER_GO ?= $(if $(filter go1.27%,$(shell $(GO) env GOVERSION)),go1.26.8,go1.27.3)

.PHONY: test-other-go
test-other-go: ## Run the tests of the generator and of the run-time on the other supported Go, OTHER_GO
	GOTOOLCHAIN=$(OTHER_GO) $(TEST) ./gen/... ./contract/... ./internal/...

.PHONY: test-long
test-long: ## Run at length what docs/reliability.md lists, the official SDKs untrimmed, then each fuzz target for FUZZTIME (5m)
	$(TEST) ./internal/differential -long -timeout 60m
	$(TEST) ./sandbox -long -timeout 60m
	$(TEST) ./gen -run TestCases -count 5
	$(TEST) ./gen -run 'TestMutatedDocuments|TestInjections' -long -timeout 60m
	$(TEST) ./test -run TestDocumentGrows -long -timeout 30m
	cd interop && $(TEST) ./...
	@$(GO) test -list '^Fuzz' ./... | awk '/^Fuzz/ { t[++n] = $$1 } /^ok/ { for (i = 1; i <= n; i++) print $$2, t[i]; n = 0 }' | \
	while read -r package target; do \
		echo "$(GO) test $$package -run '^$$' -fuzz '^$$target\$$' -fuzztime $(FUZZTIME)"; \
		$(GO) test "$$package" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x </dev/null; \
	done

.PHONY: lint
lint: ## Look for mistakes in code, go.mod and workflows
	$(GO) vet ./...
	@unformatted=$$(gofmt -l .) && test -z "$$unformatted" || { echo "not formatted, run gofmt -w:" $$unformatted >&2; exit 1; }
	$(GO) mod tidy -diff
	cd interop && $(GO) mod tidy -diff
	$(INTEROP) $(GO) vet ./...
	cd bench && $(GO) vet . && $(GO) mod tidy -diff
	cd migrating && $(GO) vet ./... && $(GO) mod tidy -diff
	cd breaking && $(GO) vet . && $(GO) mod tidy -diff
	cd internal/tools && $(GO) mod tidy -diff
	$(STATICCHECK) ./...
	$(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml

# Not a part of lint: it asks the Go vulnerability database, which is not there without a network and changes from day to day.
.PHONY: vulncheck
vulncheck: ## Fail if the code calls anything with a known vulnerability, in a dependency or in the installed Go
	$(GOVULNCHECK) ./...

.PHONY: breaking
breaking: ## Fail if the document or the Go API breaks its users, compared with BASE (origin/main)
	cd breaking && $(GO) run . -base "$$BASE" $(if $(MARKDOWN),-markdown '$(abspath $(MARKDOWN))')

.PHONY: bench
bench: ## Compare the generated package with its peers, in one process and in turns
	cd bench && $(GO) run .

.PHONY: bench-instructions
bench-instructions: ## The same in instructions, which needs valgrind
	cd bench && $(GO) build -o bench.out . && ./bench.out -instructions

.PHONY: bench-consumer
bench-consumer: ## Measure what the client costs a program: processor time to build it, and size
	cd bench && $(GO) run ./consumer

.PHONY: bench-smoke
bench-smoke: ## Run each benchmark once, to see that it still does
	$(GO) test -run '^$$' -bench . -benchtime 1x ./... >/dev/null
	cd bench && $(GO) test -run '^$$' -bench . -benchtime 1x . >/dev/null

.PHONY: bench-gen
bench-gen: ## Measure the generator, beside oapi-codegen alone and on growing documents
	$(GO) test ./gen/... -run '^$$' -bench . -benchmem

# A release is reproducible: the same commit and the same Go make the same bytes.
.PHONY: release
release: ## Build the binaries of VERSION into dist, with checksums and a bill of materials
	@test -n '$(VERSION)' || { echo 'say which version: make release VERSION=v0.1.0' >&2; exit 1; }
	rm -rf dist && mkdir dist
	@for platform in $(PLATFORMS); do \
		os=$${platform%/*} arch=$${platform#*/}; \
		name=dist/interconnect_$(VERSION)_$${os}_$$arch; test $$os != windows || name=$$name.exe; \
		echo "$$name"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w -buildid=' -o "$$name" ./cmd/interconnect; \
	done
	$(CYCLONEDX) app -json -licenses -main cmd/interconnect -output dist/interconnect_$(VERSION)_sbom.json .
	cd dist && sha256sum -- * > SHA256SUMS

.PHONY: demo
demo: ## Show the client at work on a sandbox, in a few seconds
	$(GO) run ./cmd/interconnect demo

.PHONY: serve
serve: ## Serve the sandbox on 127.0.0.1:8080, until Ctrl-C
	$(GO) run ./cmd/interconnect serve

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
