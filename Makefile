# make run    builds everything and serves the demo on http://127.0.0.1:8080; the data stay in var/
# make test   everything that must hold; installs what it needs
# make bench  what it costs, beside bare limits and peers: bench/README.md; BENCH=quick for a glance
# make crash  the program killed again and again under load, and what is left; ONSHIN_CRASH_SECONDS=90
# Rust, Node 20, Python and Debian's package manager are all that must be there before.

.DEFAULT_GOAL := help
.PHONY: help run test bench crash web server release openapi check-fast clean-demo FORCE

TARGET := $(or $(CARGO_TARGET_DIR),target)
# Where mold cannot be installed an empty RUSTFLAGS overrides .cargo/config.toml.
CARGO = $$([ -n "$${RUSTFLAGS+set}" ] || [ "$$(tests/tools.sh linker)" = mold ] || echo env RUSTFLAGS=) cargo

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
# A front end removed by hand is made again although its stamp is there.
WEB_GONE := $(if $(wildcard web/dist/*),,FORCE)
MODULES_GONE := $(if $(wildcard web/node_modules/*),,FORCE)

help:
	@sed -n '1,5s/^# //p' Makefile

# The development profile, which the tests share: cold it takes two minutes on two cores where the
# release takes several times that, and nothing in the demo waits for the processor.
run:
	@tests/tools.sh build
	@$(MAKE) --no-print-directory -j2 web server
	@exec $(CARGO) run --locked --quiet -- serve --demo

server:
	@$(CARGO) build --locked

release: web
	@$(CARGO) build --locked --release

web: $(TARGET)/web.built

$(TARGET)/web.packages: web/package-lock.json $(MODULES_GONE)
	npm --prefix web ci --no-audit --no-fund --loglevel=error </dev/null
	@mkdir -p $(TARGET) && touch $@

$(TARGET)/web.built: $(TARGET)/web.packages $(WEB_SOURCES) $(WEB_GONE)
	npm --prefix web run build
	@touch $@

test:
	@tests/run.sh $(STEPS)

# The steps that take seconds once things are built.
check-fast:
	@tests/run.sh format lint rust

# Writes what the server says of its interface, and the client's types after it.
openapi: $(TARGET)/web.packages
	$(CARGO) run --locked --quiet -- openapi >$(TARGET)/openapi.json
	cp $(TARGET)/openapi.json web/openapi.json
	npm --prefix web run generate

bench: web
	@tests/tools.sh test
	@tests/tools.sh bench
	@$(CARGO) bench --locked --bench bookings
	@$(CARGO) bench --locked --bench visits
	@$(CARGO) bench --locked --bench counts
	@$(CARGO) bench --locked --bench lists

# What the tests do for a quarter of a minute. It ends by itself, prints the seed by which it can be
# repeated (ONSHIN_CRASH_SEED), and has a PostgreSQL of its own.
crash: web
	@tests/tools.sh test
	@ONSHIN_CRASH_SECONDS=$${ONSHIN_CRASH_SECONDS:-90} $(CARGO) test --locked --test it -- crash:: \
	  --nocapture --test-threads=1

clean-demo:
	rm -rf var

FORCE:
