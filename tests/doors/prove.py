# SPDX-License-Identifier: GPL-2.0
"""Breaks each rule once, in a program of two or three files, and shows that it is found."""
import os
import subprocess
import tempfile

import rules

LOW = "int low(void);\nint low(void) { return 1; }\n"
HIGH = "int low(void);\nint high(void);\nint high(void) { return low(); }\n"
ORDER = "low\nhigh\n"
TABLE = "int low(void);\nint high(void);\nstatic int mine(void) { return 2; }\n" \
        "int (*const table[])(void) = { mine };\nint high(void) { return low() + table[0](); }\n"
HANDED = "int low(int (*fn)(void));\nint high(void);\nstatic int mine(void) { return 2; }\n" \
         "int high(void) { return low(mine); }\n"
TAKES = "int low(int (*fn)(void));\nint low(int (*fn)(void)) { return fn(); }\n"
UP = "int high(void);\nint low(void);\nint low(void) { return high(); }\n"
FIELD = "struct s { int secret; };\nint low(struct s *s);\nint low(struct s *s) { return s->secret; }\n"

# (what is shown, part of the line that says it or "" for none, order, sources by name)
CASES = (
    ("a call of a lower file passes", "", ORDER, {"low": LOW, "high": HIGH}),
    ("a call of a higher file", "low calls high", ORDER, {"low": UP, "high": "int high(void);\nint high(void) { return 1; }\n"}),
    ("a call of a neighbour", "a neighbour", "low high\n", {"low": LOW, "high": HIGH}),
    ("data of a higher file", "low uses the data top",
     ORDER, {"low": "extern int top;\nint low(void);\nint low(void) { return top; }\n", "high": "extern int top;\nint top = 1;\n"}),
    ("a table that points at a function of a higher file", "low calls high",
     ORDER + "[callbacks]\nlow table: shown\n",
     {"low": "int high(void);\nint (*const table[])(void) = { high };\n", "high": "int high(void);\nint high(void) { return 1; }\n"}),
    ("a table of functions without a reason", "high gives away table (mine)", ORDER, {"low": LOW, "high": TABLE}),
    ("and with one it passes", "", ORDER + "[callbacks]\nhigh table: shown\n", {"low": LOW, "high": TABLE}),
    ("a function handed down without a reason", "high gives away mine", ORDER, {"low": TAKES, "high": HANDED}),
    ("and with one it passes", "", ORDER + "[callbacks]\nhi* mine: shown\n", {"low": TAKES, "high": HANDED}),
    ("a reason for what is not given away", "gives away no gone",
     ORDER + "[callbacks]\nhigh gone: shown\n", {"low": LOW, "high": HIGH}),
    ("a field of a higher file", "low.c reads the field secret", ORDER + "[fields]\nsecret: high\n", {"low": FIELD, "high": HIGH}),
    ("a header of a higher room", "low.c includes high.h",
     ORDER, {"low": '#include "high.h"\n' + LOW, "high": HIGH, "high.h": "int high(void);\n"}),
    ("a header of a higher room in one of compat/", "compat/old.h includes high.h", ORDER,
     {"low": '#include "compat/old.h"\n' + LOW, "high": HIGH, "high.h": "int high(void);\n", "compat/old.h": '#include "../high.h"\n'}),
    ("but where only that room includes it it passes", "", ORDER,
     {"low": LOW, "high": '#include "compat/old.h"\n' + HIGH, "high.h": "int high(void);\n", "compat/old.h": '#include "../high.h"\n'}),
    ("a file without a place", "attic: has no place", ORDER, {"low": LOW, "high": HIGH, "attic": "extern int x;\nint x;\n"}),
    ("a place without a file", "attic: has a place", ORDER + "attic\n", {"low": LOW, "high": HIGH}),
    ("a folder in two parts", "data: its files do not stand together", "data/low\nbuf/mid\ndata/high\n",
     {"data/low": LOW, "buf/mid": "int mid(void);\nint mid(void) { return 1; }\n", "data/high": HIGH}),
    ("a header of a higher room of the same folder", "data/rx.c includes data/tx.h", "data/rx\ndata/tx\n[rooms]\ndata\n",
     {"data/rx": '#include "tx.h"\n' + LOW, "data/tx": HIGH, "data/tx.h": "int high(void);\n"}),
    ("what is known to be wrong passes", "", ORDER + "[known]\ncall low high: shown\n",
     {"low": UP, "high": "int high(void);\nint high(void) { return 1; }\n"}),
    ("what is known, but is mended", "call low high: is mended", ORDER + "[known]\ncall low high: shown\n", {"low": LOW, "high": HIGH}),
    ("a line that says nothing", "not understood", ORDER + "[known]\nhigh\n", {"low": LOW, "high": HIGH}),
    ("a folder without objects", "no objects", ORDER, {}),
)
# As the kernel builds its modules, and as user space is built.
BUILDS = (["-mcmodel=kernel", "-fno-pie", "-fno-pic"], ["-fPIE"])

def found(folder, order, sources, flags):
    for name, text in sources.items():
        path = os.path.join(folder, name if name.endswith(".h") else name + ".c")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    for name in sources:
        path = os.path.join(folder, name + ".c")
        if os.path.exists(path):
            subprocess.run(["gcc", "-O1", "-fno-inline", *flags, "-c", "-o", path[:-2] + ".o", path], check=True)
    path = os.path.join(folder, "order")
    with open(path, "w", encoding="utf-8") as file:
        file.write(order)
    try:
        return rules.Judge(rules.Program(rules.Order(path), folder, folder)).wrong
    except rules.Wrong as error:
        return [str(error)]

def prove():
    bad = 0
    for what, expected, order, sources in CASES:
        for flags in BUILDS:
            with tempfile.TemporaryDirectory() as folder:
                lines = found(folder, order, sources, flags)
            good = any(expected in line for line in lines) and len(lines) == 1 if expected else not lines
            if not good:
                break
        print("%s - %s%s" % ("ok" if good else "not ok", what, " is found" if expected else ""))
        if not good:
            bad += 1
            print("".join("# %s: %s\n" % (" ".join(flags), line) for line in lines or ["nothing"]), end="")
    return 1 if bad else 0
