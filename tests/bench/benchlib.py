# SPDX-License-Identifier: GPL-2.0
"""
What the programs of the benchmark share: how a run is named, how its numbers are read
and written, how it ends.
"""
import json
import lzma
import os
import shutil
import subprocess
import sys

import guestrun
import plot

RESULTS = os.path.join(guestrun.TOP, "tests/bench/results")
PICTURES = os.path.join(guestrun.TOP, "Documentation/bench")


def commit():
    """What was measured, as git describes it."""
    done = subprocess.run(["git", "-C", guestrun.TOP, "describe", "--always", "--dirty"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return done.stdout.strip()


def command(program):
    """The command line, without the folder that results go to."""
    words = sys.argv[1:]
    kept = [w for n, w in enumerate(words) if w != "--out" and (n == 0 or words[n - 1] != "--out")]
    return " ".join([program, *kept])


def read(path):
    """The numbers of a run; those that are kept are compressed."""
    with (lzma.open(path, "rt") if path.endswith(".xz") else open(path, encoding="utf-8")) as f:
        return json.load(f)


def picture(draw, whole, path):
    """Draws; a machine that cannot says so and goes on."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    try:
        draw(whole, path)
    except plot.NoGnuplot as err:
        guestrun.note(str(err))


def write(args, name, whole, text, draw):
    """NAME.json, NAME.txt, NAME.svg in args.out; args.keep: numbers and table to results/, picture to Documentation. No draw, no picture."""
    os.makedirs(args.out, exist_ok=True)
    numbers = json.dumps(whole, separators=(",", ":"), sort_keys=True)
    path = os.path.join(args.out, name)
    with open(path + ".json", "w", encoding="utf-8") as f:
        f.write(numbers)
    with open(path + ".txt", "w", encoding="utf-8") as f:
        f.write(text + "\n")
    if draw:
        picture(draw, whole, path + ".svg")
    if not args.keep:
        return
    os.makedirs(RESULTS, exist_ok=True)
    with lzma.open(os.path.join(RESULTS, name + ".json.xz"), "wt") as f:
        f.write(numbers)
    shutil.copy(path + ".txt", RESULTS)
    if draw and os.path.exists(path + ".svg"):
        shutil.copy(path + ".svg", PICTURES)


def status(gates, failed=()):
    """Exit status: 0 all gates reached, 1 one falls short, 3 something was not measured."""
    if failed or any(gate.got is None for gate in gates):
        return 3
    return 0 if all(gate.good() for gate in gates) else 1


def run(main):
    """Runs a program to its end."""
    try:
        sys.exit(main())
    except guestrun.BenchError as err:
        guestrun.note(str(err))
        sys.exit(3)
    except KeyboardInterrupt:
        sys.exit(130)
