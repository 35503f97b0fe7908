#!/bin/sh
# Makes the golden fixtures anew, in an environment of their own under build/. Argument: another folder to write to.
set -eu
cd "$(dirname "$0")/../.."

golden=tests/golden
venv=build/venv-golden
if ! cmp -s $golden/requirements.txt $venv/requirements.txt; then
    echo "golden: making $venv"
    python3 -m venv $venv
    $venv/bin/python -m pip install --quiet -r $golden/requirements.txt
    cp $golden/requirements.txt $venv/requirements.txt
fi
export PYTHONDONTWRITEBYTECODE=1
$venv/bin/python $golden/make_golden.py "${1:-$golden/fixtures}"
$venv/bin/python $golden/torch_files.py "${1:-$golden/fixtures}"
