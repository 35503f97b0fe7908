#!/bin/sh
# Makes the built-in models from nothing: environment, training (both side by side), measurements, cards, GGUF, catalogue.
# Takes about half an hour on two idle cores. Started again after a stop, it goes on where it was.
# What is finished is kept: remove build/models/<name> to train that model anew.
set -eu
cd "$(dirname "$0")/../.."

train=models/train
runs=build/models
venv=build/venv-train
python=$venv/bin/python
names="bible-gpt bible-neox"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1

command -v bible >/dev/null || {
    echo "make.sh: the text is missing; install the Debian packages bible-kjv and bible-kjv-text" >&2
    exit 1
}

if ! cmp -s $train/requirements.txt $venv/requirements.txt; then
    echo "make.sh: making $venv"
    python3 -m venv $venv
    $python -m pip install --quiet -r $train/requirements.txt
    cp $train/requirements.txt $venv/requirements.txt
fi

# The name a model shows.
title() {
    case $1 in
    bible-gpt) echo Bible-GPT ;;
    bible-neox) echo Bible-NeoX ;;
    esac
}

mkdir -p $runs
pids=
for name in $names; do
    [ -e $runs/$name/run.json ] && continue
    echo "make.sh: training $name, log in $runs/$name.log"
    $python $train/train.py $name $runs/$name >$runs/$name.log 2>&1 &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || { echo "make.sh: training failed, see $runs/*.log" >&2; exit 1; }
done

for name in $names; do
    [ -e $runs/$name/metrics.json ] || $python $train/evaluate.py $runs/$name
    $python $train/card.py $runs/$name models/$name.md
    (cd web && npm run --silent import -- ../$runs/$name -o ../models/$name.gguf --type q8_0 --name "$(title $name)")
done
$python $train/catalogue.py $runs models
echo "make.sh: models/*.gguf, models/*.md and models/catalogue.json are written"
