.DEFAULT_GOAL := help

GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# Without it the decoder of HEIC looks for a library of the system, for which the binary has to be a dynamic one.
TAGS := -tags nodynamic

.PHONY: help
help: ## tell what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## build and run the portal with its own database and demo data on http://localhost:8080
	go build $(TAGS) -o bin/kortportal ./cmd/kortportal
	@exec bin/kortportal serve

.PHONY: test
test: ## set up what the tests need and run all of them
	@.ci/setup
	go test $(TAGS) -race -timeout 18m ./...

.PHONY: bench
bench: ## load 100,000 and 1,000,000 cards and print what the pages cost
	@.ci/setup
	go run $(TAGS) ./internal/bench

.PHONY: generate
generate: ## make the generated files anew: templates, migrations/schema.sql, docs/lifecycle.md
	go tool templ generate
	go run ./internal/postgres/generate

.PHONY: fmt
fmt: ## format Go and templates
	gofmt -w cmd internal migrations web
	go tool templ fmt web

.PHONY: lint
lint: ## vet and lint; .golangci.yml says what and why
	go vet $(TAGS) ./...
	go run $(GOLANGCI_LINT) run
