# layerproof: plain GNU make. `make help` lists the targets.

VERSION := 0.1.0

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      ?= gcc
AR      ?= ar
WERROR  ?=
SANITIZE ?=

PKG_CONFIG ?= pkg-config
PACKAGES   := libcurl libcrypto jansson lmdb libisal libzstd libarchive inih

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wformat=2 -Wwrite-strings -Wpointer-arith -Wundef -Wvla -Wimplicit-fallthrough
ifeq ($(WERROR),1)
WARNINGS += -Werror
endif

HARDENING := -fstack-protector-strong -fPIE
LINKING   := -pie -Wl,-z,relro,-z,now
ifeq ($(SANITIZE),)
HARDENING += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
OPTIMISE  := -O2 -g
else
HARDENING += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LINKING   += -fsanitize=$(SANITIZE)
OPTIMISE  := -O1 -g
endif

CFLAGS   ?=
LDFLAGS  ?=
CPPFLAGS ?=
ALL_CPPFLAGS := -Iinclude -D_GNU_SOURCE -DLAYERPROOF_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS    = -std=c11 $(OPTIMISE) $(WARNINGS) $(HARDENING) $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS   = $(LINKING) $(LDFLAGS)
PKG_CFLAGS   := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
LIBS          = $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lcsv -pthread

LIBRARY_SOURCES := $(sort $(wildcard src/base/*.c src/oci/*.c src/net/*.c src/store/*.c src/layer/*.c src/source/*.c \
                   src/index/*.c src/import/*.c src/match/*.c src/report/*.c src/check/*.c))
PROGRAM_SOURCES := $(sort $(wildcard src/main.c src/cmd/*.c))

LIBRARY_OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o)
PROGRAM_OBJECTS := $(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)
LIBRARY := $(BUILD)/liblayerproof.a
PROGRAM := $(BUILD)/layerproof

UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ_REPLAYS := $(FUZZ_SOURCES:%.c=$(BUILD)/%)

.PHONY: all
all: $(PROGRAM) ## build build/layerproof (the default)

$(PROGRAM): $(PROGRAM_OBJECTS) $(LIBRARY)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(LIBRARY_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: tests/unit/%.c $(LIBRARY) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -Isrc $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< $(LIBRARY) -lcmocka $(LIBS)

# A fuzz target is also a program that replays files: tests/fuzz/replay.c is its main().
$(BUILD)/tests/fuzz/%: tests/fuzz/%.c tests/fuzz/replay.c $(LIBRARY) Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -Isrc $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< tests/fuzz/replay.c $(LIBRARY) $(LIBS)

.PHONY: unit
unit: $(UNIT_TESTS) ## build and run the unit tests
	@for t in $(UNIT_TESTS); do echo "# $$t"; $$t || exit 1; done

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | column -t -s @

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
