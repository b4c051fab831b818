# layerproof: plain GNU make. `make help` lists the targets.

VERSION := 0.1.0

PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build
WERROR   ?=
SANITIZE ?=
COVERAGE ?=
ifeq ($(origin CC),default)
CC := gcc
endif
# V=1 shows every command of a build.
V ?=
# How many jobs the targets that call make again, and the test runner, may use.
JOBS ?= $(shell nproc)
# How long `make fuzz` lets each fuzz target run.
FUZZ_SECONDS ?= 60

PKG_CONFIG ?= pkg-config
PACKAGES   := libcurl libcrypto jansson lmdb libisal libzstd libarchive inih

ifeq ($(V),1)
quiet =
else
quiet = @printf '  %-4s %s\n' $(1) $@;
endif

# ---- Flags. tests/lint/ proves that each warning stops a build and that each hardening took. ----

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wwrite-strings -Wpointer-arith -Wundef -Wvla -Wimplicit-fallthrough
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif

HARDENING := -fstack-protector-strong -fPIE
LINKING   := -pie -Wl,-z,relro,-z,now
ifneq ($(SANITIZE),)
HARDENING += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LINKING   += -fsanitize=$(SANITIZE)
OPTIMISE  := -O1 -g
else ifeq ($(COVERAGE),1)
HARDENING += --coverage -fprofile-update=atomic
LINKING   += --coverage
OPTIMISE  := -O0 -g
else
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
OPTIMISE  := -O2 -g
endif

CFLAGS   ?=
LDFLAGS  ?=
CPPFLAGS ?=
ALL_CPPFLAGS := -Iinclude -D_GNU_SOURCE -DLAYERPROOF_VERSION='"$(VERSION)"' $(CPPFLAGS)
PKG_CFLAGS    = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
ALL_CFLAGS    = -std=c11 $(OPTIMISE) $(WARNINGS) $(HARDENING) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS   = $(LINKING) $(LDFLAGS)
LIBS          = $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lcsv -pthread

# ---- What is built. tests/lint/ holds the lists against src/; tests find themselves. ----

LIBRARY_SOURCES := \
	src/add/add.c \
	src/add/collection.c \
	src/add/completion.c \
	src/add/content.c \
	src/add/image_files.c \
	src/add/missing.c \
	src/add/packages.c \
	src/add/reading.c \
	src/base/apart.c \
	src/base/base64.c \
	src/base/buffer.c \
	src/base/clock.c \
	src/base/digest.c \
	src/base/error.c \
	src/base/fault.c \
	src/base/interrupt.c \
	src/base/lines.c \
	src/base/log.c \
	src/base/memory.c \
	src/base/node.c \
	src/base/reader.c \
	src/base/settings.c \
	src/base/text.c \
	src/base/text_map.c \
	src/base/utf8.c \
	src/cache/cache.c \
	src/cache/generations.c \
	src/cache/record.c \
	src/cache/stamp.c \
	src/check/assessment.c \
	src/check/assessor.c \
	src/check/built_on.c \
	src/check/check.c \
	src/check/completeness.c \
	src/check/confirm.c \
	src/check/facts.c \
	src/check/file_facts.c \
	src/check/file_hits.c \
	src/check/flights.c \
	src/check/hands.c \
	src/check/hints.c \
	src/check/layer_progress.c \
	src/check/layers.c \
	src/check/learn.c \
	src/check/live.c \
	src/check/once.c \
	src/check/output.c \
	src/check/progress.c \
	src/check/rate.c \
	src/check/recall.c \
	src/check/released.c \
	src/check/verify.c \
	src/import/format_anchore.c \
	src/import/format_aqua.c \
	src/import/format_aqua_risks.c \
	src/import/format_aqua_scan.c \
	src/import/format_artifact_registry.c \
	src/import/format_buildkit.c \
	src/import/format_crowdstrike.c \
	src/import/format_ctr.c \
	src/import/format_cyclonedx.c \
	src/import/format_defender.c \
	src/import/format_docker_inspect.c \
	src/import/format_ecr.c \
	src/import/format_ecr_manifests.c \
	src/import/format_gcloud_describe.c \
	src/import/format_gcloud_list.c \
	src/import/format_grype.c \
	src/import/format_harbor.c \
	src/import/format_harbor_csv.c \
	src/import/format_image_config.c \
	src/import/format_index.c \
	src/import/format_inspector.c \
	src/import/format_kubernetes.c \
	src/import/format_lacework.c \
	src/import/format_layerproof.c \
	src/import/format_list.c \
	src/import/format_manifest.c \
	src/import/format_manifest_inspect.c \
	src/import/format_prisma.c \
	src/import/format_prisma_csv.c \
	src/import/format_security_hub.c \
	src/import/format_skopeo.c \
	src/import/format_snyk.c \
	src/import/format_snyk_facts.c \
	src/import/format_spdx.c \
	src/import/format_syft.c \
	src/import/format_sysdig.c \
	src/import/format_sysdig_cli.c \
	src/import/format_sysdig_csv.c \
	src/import/format_sysdig_runtime.c \
	src/import/format_trivy.c \
	src/import/format_twistcli.c \
	src/import/format_wiz.c \
	src/import/format_wiz_csv.c \
	src/import/format_wiz_issues_csv.c \
	src/import/import.c \
	src/import/import_anchore.c \
	src/import/import_aws.c \
	src/import/import_children.c \
	src/import/import_csv.c \
	src/import/import_csv_header.c \
	src/import/import_digest.c \
	src/import/import_document.c \
	src/import/import_field.c \
	src/import/import_fold.c \
	src/import/import_generic.c \
	src/import/import_job.c \
	src/import/import_json.c \
	src/import/import_manifest.c \
	src/import/import_name.c \
	src/import/import_package.c \
	src/import/import_purl.c \
	src/import/import_record.c \
	src/import/import_sbom.c \
	src/import/import_scan.c \
	src/import/import_shape.c \
	src/import/import_stream.c \
	src/import/import_text.c \
	src/import/import_walk.c \
	src/import/json_filter.c \
	src/import/json_member.c \
	src/import/json_paths.c \
	src/import/json_pool.c \
	src/import/json_same.c \
	src/import/json_survey.c \
	src/import/json_value.c \
	src/index/boundary.c \
	src/index/commit_crowd.c \
	src/index/commit_digests.c \
	src/index/commit_files.c \
	src/index/commit_find.c \
	src/index/commit_images.c \
	src/index/commit_mentions.c \
	src/index/commit_sources.c \
	src/index/commit_stacks.c \
	src/index/commit_step.c \
	src/index/file_record.c \
	src/index/forget_digests.c \
	src/index/forget_files.c \
	src/index/forget_images.c \
	src/index/forget_leftovers.c \
	src/index/forget_stacks.c \
	src/index/holders.c \
	src/index/hub_publishers.c \
	src/index/image_identities.c \
	src/index/image_read.c \
	src/index/index.c \
	src/index/index_batch.c \
	src/index/index_claim.c \
	src/index/index_commit.c \
	src/index/index_files.c \
	src/index/index_forget.c \
	src/index/index_missing.c \
	src/index/index_order.c \
	src/index/index_read.c \
	src/index/index_record.c \
	src/index/index_verify.c \
	src/index/names.c \
	src/index/official_images.c \
	src/index/origin.c \
	src/index/pending.c \
	src/index/prefix.c \
	src/index/record_image.c \
	src/index/record_mention.c \
	src/index/sorter.c \
	src/index/spill.c \
	src/index/unfinished.c \
	src/index/verify.c \
	src/index/verify_all.c \
	src/index/verify_digests.c \
	src/index/verify_files.c \
	src/index/verify_images.c \
	src/index/verify_names.c \
	src/index/verify_stacks.c \
	src/layer/allowance.c \
	src/layer/blob_format.c \
	src/layer/crew.c \
	src/layer/decoder.c \
	src/layer/decoding.c \
	src/layer/decompress.c \
	src/layer/file_reader.c \
	src/layer/gzip.c \
	src/layer/gzip_header.c \
	src/layer/hashers.c \
	src/layer/hashing_reader.c \
	src/layer/layer.c \
	src/layer/member_table.c \
	src/layer/path_set.c \
	src/layer/prefix_reader.c \
	src/layer/tar_content.c \
	src/layer/tar_file.c \
	src/layer/tar_framing.c \
	src/layer/tar_stream.c \
	src/layer/tar_walk.c \
	src/layer/ustar.c \
	src/layer/zstd.c \
	src/match/alignment.c \
	src/match/damage.c \
	src/match/document.c \
	src/match/files.c \
	src/match/ladder.c \
	src/match/match.c \
	src/match/match_names.c \
	src/match/name_patterns.c \
	src/match/nearest.c \
	src/match/plan.c \
	src/match/rules.c \
	src/net/address.c \
	src/net/address_range.c \
	src/net/answer.c \
	src/net/budget.c \
	src/net/call.c \
	src/net/challenge.c \
	src/net/challenges.c \
	src/net/content_range.c \
	src/net/credential.c \
	src/net/credential_files.c \
	src/net/credentials.c \
	src/net/exchange.c \
	src/net/guard.c \
	src/net/habits.c \
	src/net/head.c \
	src/net/helper.c \
	src/net/helper_answers.c \
	src/net/helper_output.c \
	src/net/hosts.c \
	src/net/http.c \
	src/net/link_header.c \
	src/net/login.c \
	src/net/login_file.c \
	src/net/network.c \
	src/net/next_page.c \
	src/net/pace.c \
	src/net/proxy.c \
	src/net/quotable.c \
	src/net/quoted_string.c \
	src/net/rate_limit.c \
	src/net/reach.c \
	src/net/refusal.c \
	src/net/scope.c \
	src/net/secret.c \
	src/net/server_name.c \
	src/net/stream.c \
	src/net/table.c \
	src/net/token_answer.c \
	src/net/token_request.c \
	src/net/tokens.c \
	src/net/traffic.c \
	src/net/transfer.c \
	src/net/transfer_failure.c \
	src/net/tries.c \
	src/net/url.c \
	src/net/warning_header.c \
	src/net/warnings.c \
	src/oci/chain_id.c \
	src/oci/descriptor.c \
	src/oci/document.c \
	src/oci/empty_layer.c \
	src/oci/image_config.c \
	src/oci/image_index.c \
	src/oci/image_texts.c \
	src/oci/internal_image.c \
	src/oci/manifest.c \
	src/oci/media_type.c \
	src/oci/member.c \
	src/oci/reference.c \
	src/oci/reference_grammar.c \
	src/oci/root_history.c \
	src/oci/severity.c \
	src/oci/signed_payload.c \
	src/queue/candidate.c \
	src/queue/lanes.c \
	src/queue/workers.c \
	src/report/comparison.c \
	src/report/comparison_facts.c \
	src/report/coverage.c \
	src/report/explanation.c \
	src/report/finding.c \
	src/report/finding_table.c \
	src/report/image_parts.c \
	src/report/image_record.c \
	src/report/image_tree.c \
	src/report/internal_parts.c \
	src/report/json_build.c \
	src/report/json_writer.c \
	src/report/layer_flags.c \
	src/report/layer_lines.c \
	src/report/layer_record.c \
	src/report/progress_line.c \
	src/report/saved_comparison.c \
	src/report/saved_digest.c \
	src/report/saved_finding.c \
	src/report/stats.c \
	src/report/summary.c \
	src/source/bounded_reader.c \
	src/source/docker_archive.c \
	src/source/docker_manifest.c \
	src/source/layout.c \
	src/source/layout_choice.c \
	src/source/members.c \
	src/source/members_directory.c \
	src/source/members_tar.c \
	src/source/oci_archive.c \
	src/source/oci_layout.c \
	src/source/registry.c \
	src/source/source.c \
	src/source/tags.c \
	src/source/tree.c \
	src/source/tree_documents.c \
	src/source/tree_image.c \
	src/source/tree_index.c \
	src/store/store.c \
	src/store/store_claim.c \
	src/store/store_copy.c \
	src/store/store_data.c \
	src/store/store_failure.c \
	src/store/store_map.c \
	src/store/store_update.c

PROGRAM_SOURCES := \
	src/cmd/candidates.c \
	src/cmd/check_progress.c \
	src/cmd/check_stats.c \
	src/cmd/cmd_add.c \
	src/cmd/cmd_check.c \
	src/cmd/cmd_completion.c \
	src/cmd/cmd_digest.c \
	src/cmd/cmd_explain.c \
	src/cmd/cmd_import.c \
	src/cmd/cmd_index.c \
	src/cmd/cmd_index_copy.c \
	src/cmd/cmd_index_export.c \
	src/cmd/cmd_index_forget.c \
	src/cmd/cmd_index_list.c \
	src/cmd/cmd_index_show.c \
	src/cmd/cmd_index_stat.c \
	src/cmd/cmd_index_verify.c \
	src/cmd/cmd_inspect.c \
	src/cmd/command.c \
	src/cmd/commands.c \
	src/cmd/company.c \
	src/cmd/context.c \
	src/cmd/help.c \
	src/cmd/image_json.c \
	src/cmd/import_report.c \
	src/cmd/options.c \
	src/cmd/origins.c \
	src/cmd/print_json.c \
	src/cmd/terminal.c \
	src/main.c

LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS := $(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/liblayerproof.a
PROGRAM := $(BUILD)/layerproof

UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAYS := $(FUZZ_SOURCES:%.c=$(BUILD)/%)
FUZZERS      := $(FUZZ_SOURCES:tests/fuzz/%.c=$(BUILD)/fuzzers/%)
BARE_LIMIT   := $(BUILD)/tests/bench/bare_limit
INDEX_LOOKUP := $(BUILD)/tests/bench/index_lookup

.PHONY: all
all: $(PROGRAM) ## build build/layerproof (the default)

$(PROGRAM): $(PROGRAM_OBJECTS) $(LIBRARY)
	$(call quiet,LD)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(LIBRARY_OBJECTS)
	@rm -f $@
	$(call quiet,AR)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(LIBRARY) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) -Isrc $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LIBRARY) -lcmocka $(LIBS)

# A fuzz target is also a program that replays files: tests/fuzz/replay.c is its main().
$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIBRARY) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) -Isrc $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< tests/fuzz/replay.c $(LIBRARY) $(LIBS)

# What the libraries do alone, for the benchmarks.
$(BARE_LIMIT): tests/bench/bare_limit.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBS)

# Look-ups in an index and nothing else, for the benchmarks too.
$(INDEX_LOOKUP): tests/bench/index_lookup.c $(LIBRARY) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

$(BUILD)/fuzzers/%: tests/fuzz/%.c $(LIBRARY) $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) $(ALL_CPPFLAGS) -Isrc $(ALL_CFLAGS) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< $(LIBRARY) $(LIBS)

# Everything is built again when the compiler or a flag is another one than last time.
BUILT_WITH = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(BUILT_WITH)' | cmp -s - $@ || printf '%s\n' '$(BUILT_WITH)' > $@
.PHONY: FORCE
FORCE:

.PHONY: program unit-tests bare-limit index-lookup fuzz-replays fuzzers print-flags
program: $(PROGRAM)
bare-limit: $(BARE_LIMIT)
index-lookup: $(INDEX_LOOKUP)
unit-tests: $(UNIT_TESTS)
fuzz-replays: $(FUZZ_REPLAYS)
fuzzers: $(FUZZERS)
print-flags:
	@printf '%s\n' '-Iinclude -D_GNU_SOURCE -DLAYERPROOF_VERSION="$(VERSION)" $(ALL_CFLAGS)'

# ---- Running and testing. tests/run ends each with the line "N passed, N failed". ----

AGAIN   = $(MAKE) --no-print-directory -j$(JOBS)
ASAN    = $(AGAIN) BUILD=$(BUILD)/asan SANITIZE=address,undefined
TSAN    = $(AGAIN) BUILD=$(BUILD)/tsan SANITIZE=thread
RUN     = tests/run --jobs $(JOBS)

.PHONY: demo
demo: ## show layerproof at work on a registry on this machine
	@tests/deps demo
	@$(AGAIN) program
	@fixtures/demo $(PROGRAM)

.PHONY: test
test: ## everything that gates: all suites, sanitizers, valgrind, fuzz corpora, documents
	@tests/deps test
	@$(AGAIN) WERROR=1 program unit-tests
	@$(ASAN) WERROR=1 program unit-tests fuzz-replays
	@$(TSAN) WERROR=1 program unit-tests
	@$(RUN) tools fixtures documents unit=$(BUILD)/asan fuzz=$(BUILD)/asan cli=$(BUILD)/asan wire=$(BUILD)/asan \
		tsan=$(BUILD)/tsan valgrind=$(BUILD)

.PHONY: check
check: ## the quick tests, on the normal build
	@$(AGAIN) program unit-tests fuzz-replays
	@$(RUN) unit=$(BUILD) fuzz=$(BUILD) cli=$(BUILD)

.PHONY: unit
unit: ## the unit tests alone, on the normal build
	@$(AGAIN) unit-tests
	@$(RUN) unit=$(BUILD)

.PHONY: asan
asan: ## unit, fuzz, cli and wire tests under AddressSanitizer and UBSan
	@$(ASAN) program unit-tests fuzz-replays
	@$(RUN) unit=$(BUILD)/asan fuzz=$(BUILD)/asan cli=$(BUILD)/asan wire=$(BUILD)/asan

.PHONY: tsan
tsan: ## the tests of the threaded parts under ThreadSanitizer
	@$(TSAN) program unit-tests
	@$(RUN) tsan=$(BUILD)/tsan

.PHONY: valgrind
valgrind: ## memory that sanitizers cannot follow into libraries: unit tests under valgrind
	@$(AGAIN) unit-tests
	@$(RUN) valgrind=$(BUILD)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZ_SECONDS (60) with libFuzzer
	@tests/deps test
	@$(AGAIN) BUILD=$(BUILD)/fuzz CC=clang SANITIZE=fuzzer-no-link,address,undefined fuzzers
	@tests/fuzz/run --seconds $(FUZZ_SECONDS) --jobs $(JOBS) $(BUILD)/fuzz/fuzzers

.PHONY: lint
lint: ## style, floors, static analysis, man pages against the code
	@tests/deps test
	@$(AGAIN) WERROR=1 program
	@$(RUN) lint=$(BUILD)

.PHONY: coverage
coverage: ## which lines the tests reach, a row per file
	@tests/deps coverage
	@rm -rf $(BUILD)/coverage
	@$(AGAIN) BUILD=$(BUILD)/coverage COVERAGE=1 program unit-tests fuzz-replays
	@$(RUN) unit=$(BUILD)/coverage fuzz=$(BUILD)/coverage cli=$(BUILD)/coverage wire=$(BUILD)/coverage
	@gcovr --root . --filter src/ --object-directory $(BUILD)/coverage --branches | tee $(BUILD)/coverage/branches.txt | tail -n 2
	@gcovr --root . --filter src/ --object-directory $(BUILD)/coverage

.PHONY: bench
bench: ## the budgets of speed and memory, as ratios
	@tests/deps bench
	@$(AGAIN) program bare-limit index-lookup
	@tests/bench/run $(PROGRAM)

.PHONY: eval
eval: ## how often verdicts are right, on images that real tools have re-published
	@tests/deps eval
	@$(AGAIN) program
	@tests/eval/run $(PROGRAM)

# ---- Installing and packing ----

.PHONY: deps
deps: ## install the Debian packages that are missing
	@tests/deps build demo test

MAN_PAGES   := $(sort $(wildcard man/*.1 man/*.5))
BINARIES    := $(DESTDIR)$(PREFIX)/bin
MANUALS     := $(DESTDIR)$(PREFIX)/share/man
COMPLETIONS := $(DESTDIR)$(PREFIX)/share/bash-completion/completions
COMPLETION  := $(BUILD)/layerproof.bash

$(COMPLETION): $(PROGRAM)
	$(PROGRAM) completion bash > $@ || { rm -f $@; exit 1; }

.PHONY: install
install: $(PROGRAM) $(COMPLETION) ## install program, man pages and completion under DESTDIR/PREFIX
	install -D -m 755 $(PROGRAM) $(BINARIES)/layerproof
	for page in $(MAN_PAGES); do \
		install -D -m 644 "$$page" "$(MANUALS)/man$${page##*.}/$${page#man/}" || exit 1; done
	install -D -m 644 $(COMPLETION) $(COMPLETIONS)/layerproof

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(BINARIES)/layerproof $(COMPLETIONS)/layerproof
	rm -f $(foreach page,$(MAN_PAGES),$(MANUALS)/man$(subst .,,$(suffix $(page)))/$(notdir $(page)))

.PHONY: dist
dist: ## pack what is committed into layerproof-VERSION.tar.gz
	git archive --format=tar --prefix=layerproof-$(VERSION)/ HEAD | gzip -9n > layerproof-$(VERSION).tar.gz

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include $(LIBRARY_OBJECTS:.o=.d) $(PROGRAM_OBJECTS:.o=.d) $(UNIT_TESTS:%=%.d)
