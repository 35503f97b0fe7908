# Logitscope: `make demo` and `make test` are the two commands; `make help` lists the rest.
# Each target says what it does, and what is up to date is not done again.

PORT ?= 8080
TEXT ?= In the beginning God created the heaven and the earth.
FUZZ_SECONDS ?= 600

# The project's own Node (see .ci/setup) goes first where it was needed; Debian's emcc looks for acorn in NODE_PATH.
export PATH := $(CURDIR)/build/node/node_modules/.bin:$(PATH)
export NODE_PATH := /usr/share/nodejs

# A number, because without one make starts every compiler at once.
CMAKE_BUILD = cmake --build $(1) --parallel $(shell nproc)
WEB_SOURCES = $(shell find web wasm models -type f -not -path '*/dist/*' -not -path '*/node_modules/*' 2>/dev/null)

.PHONY: help demo test setup setup-test setup-python native checked checked32 wasm web serve golden models fuzz bench soak real types lint format clean

help:
	@echo 'make demo     install what is missing, build all, print the panel table, serve the page at http://localhost:$(PORT)'
	@echo 'make test     install what is missing, run every test'
	@echo ''
	@echo 'make native   build/native/logitscope, the command line'
	@echo 'make wasm     build/wasm/logitscope-{threads,simd,scalar}.{mjs,wasm}'
	@echo 'make web      web/dist, the static page'
	@echo 'make serve    serve web/dist at http://localhost:$(PORT) (PORT=... changes it)'
	@echo 'make golden   make tests/golden/fixtures anew with PyTorch and transformers'
	@echo 'make models   train the built-in models anew (about half an hour)'
	@echo 'make fuzz     fuzz every parser for FUZZ_SECONDS each ($(FUZZ_SECONDS))'
	@echo 'make bench    time and memory of the standard jobs beside PyTorch, onnxruntime and wllama (about 15 minutes)'
	@echo 'make soak     200 analyses in one page: does memory stay flat?'
	@echo 'make real     a real model (SmolLM2-135M) against transformers, and native against Chromium'
	@echo 'make types    what each type of weights costs, and what verify lets through, as Markdown'
	@echo 'make lint     formatting, clang-tidy, cppcheck, ESLint, types'
	@echo 'make format   bring every file into the house style'
	@echo 'make clean    remove everything that was built'

# ---- what the machine needs ------------------------------------------------------------------------------------

setup:
	@.ci/setup build

setup-test:
	@.ci/setup test

setup-python:
	@.ci/setup python

node_modules/.package-lock.json: package-lock.json package.json web/package.json tests/web/package.json
	@echo '== npm packages'
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# ---- building ----------------------------------------------------------------------------------------------------

native: setup
	@echo '== native'
	@cmake -S . -B build/native -DCMAKE_BUILD_TYPE=Release >build/native.log || { cat build/native.log; exit 1; }
	@$(call CMAKE_BUILD,build/native)

checked: setup-test
	@echo '== native with sanitizers'
	@cmake -S . -B build/checked -DLS_CHECKED=ON -DCMAKE_BUILD_TYPE=Debug >build/checked.log || { cat build/checked.log; exit 1; }
	@$(call CMAKE_BUILD,build/checked)

# The same on 32 bits, which is what size_t has in WebAssembly; of the kernels the scalar ones.
checked32: setup-test
	@echo '== native with sanitizers, 32 bits'
	@cmake -S . -B build/checked32 -DLS_CHECKED=ON -DCMAKE_BUILD_TYPE=Debug '-DCMAKE_C_FLAGS=-m32 -msse2 -mfpmath=sse' \
		-DCMOCKA_LIBRARY=$(CURDIR)/build/i386/libcmocka.so >build/checked32.log || { cat build/checked32.log; exit 1; }
	@$(call CMAKE_BUILD,build/checked32)

wasm: setup
	@echo '== wasm'
	@emcmake cmake -S . -B build/wasm -DCMAKE_BUILD_TYPE=Release >build/wasm.log 2>&1 || { cat build/wasm.log; exit 1; }
	@$(call CMAKE_BUILD,build/wasm)

web: wasm web/dist/index.html

web/dist/index.html: node_modules/.package-lock.json $(WEB_SOURCES) build/wasm/logitscope-simd.wasm
	@echo '== page'
	npm run --silent build
	@touch $@

build/wasm/logitscope-simd.wasm: | wasm

# ---- using -------------------------------------------------------------------------------------------------------

demo: native web
	@echo '== the built-in models on "$(TEXT)"'
	@build/native/logitscope analyze models/*.gguf --text '$(TEXT)'
	@$(MAKE) --no-print-directory serve

serve: web
	@echo '== http://localhost:$(PORT)  (Ctrl-C stops it)'
	@PORT=$(PORT) npm run --silent serve --workspace web

test: setup-test
	@tests/run

golden: setup-python
	tests/golden/run.sh

models: web setup-python
	models/train/make.sh

fuzz: setup-test
	@tests/fuzz/run $(FUZZ_SECONDS)

bench: native web setup-test setup-python
	@tests/bench/run

soak: web setup-test
	@tests/bench/run soak

real: native web setup-test setup-python
	@tests/real/run

types: native setup-python
	@tests/real/types

lint: setup-test node_modules/.package-lock.json
	@tests/lint

format: setup-test node_modules/.package-lock.json
	clang-format -i $$(git ls-files '*.c' '*.h')
	npm run --silent format

clean:
	rm -rf build web/dist node_modules web/node_modules tests/web/node_modules tests/bench/node_modules
