# SPDX-License-Identifier: GPL-2.0
"""
bench.json as a picture: one group of bars a row, ours as a part of stock.

Drawn by gnuplot. A bar below its black tick (the gate) is green, above it red, and
grey where the row has no gate; the line at 1 is the stock driver.
"""
import shutil
import subprocess

import rows

GOOD, BAD, PLAIN = "#2f855a", "#c53030", "#8a94a6"
SHADE = ("", "aa")      # the second kernel is paler


class NoGnuplot(Exception):
    """gnuplot is not installed."""


def ratios(kernel):
    for row in rows.ROWS:
        pair = kernel["figures"].get(row.name, {})
        if "ours" in pair and "stock" in pair and pair["stock"]["instructions"]:
            yield row, pair["ours"]["instructions"] / pair["stock"]["instructions"]


def script(whole, target):
    """The gnuplot program."""
    kernels = list(whole["kernels"].items())
    shown = [row for row in rows.ROWS
             if any(row is r for _, kernel in kernels for r, _ in ratios(kernel))]
    width = 0.8 / max(1, len(kernels))
    lines = ['set terminal svg size %d,480 font "sans-serif,13" background "#ffffff"'
             % max(640, 110 * len(shown)),
             'set output "%s"' % target,
             'set title "Instructions of driver and bus module, ours / stock (lower is better)"',
             "set style fill solid 1.0 noborder", "set yrange [0:1.25]", "set grid y lt 1 lc '#dddddd'",
             "set xrange [-0.6:%g]" % (len(shown) - 0.4), "set ytics 0.25", "unset key",
             "set xtics (%s)" % ", ".join('"%s" %d' % (r.name, n) for n, r in enumerate(shown)),
             "set arrow from graph 0, first 1 to graph 1, first 1 nohead lc '#333333' lw 2 front",
             'set label "stock = 1" at graph 0.995, first 1.03 right tc "#333333" front',
             'set xlabel "%s%s; black tick: gate"' % (
                 "left bar " if len(kernels) > 1 else "", ", right bar ".join(
                     kernel["release"] for _, kernel in kernels))]
    number = 0
    for k, (_, kernel) in enumerate(kernels):
        for row, value in ratios(kernel):
            number += 1
            left = shown.index(row) - 0.4 + k * width
            color = PLAIN if not row.gate else GOOD if value <= row.gate else BAD
            lines.append('set object %d rect from %g,0 to %g,%g fc rgb "%s" fs solid %g noborder'
                         % (number, left + 0.02, left + width - 0.02, min(value, 1.25), color,
                            1.0 if k == 0 else 0.65))
            lines.append('set label "%.2f" at %g,%g center font ",11" front'
                         % (value, left + width / 2, min(value, 1.19) + 0.03))
    for n, row in enumerate(shown):
        if row.gate:
            lines.append("set arrow from %g,%g to %g,%g nohead lc 'black' lw 3 front"
                         % (n - 0.42, row.gate, n + 0.42, row.gate))
    lines.append("plot NaN")
    return "\n".join(lines) + "\n"


def draw(whole, target):
    tool = shutil.which("gnuplot")
    if not tool:
        raise NoGnuplot("no gnuplot: apt-get install gnuplot-nox, then tests/bench/run --plot")
    subprocess.run([tool, "-"], input=script(whole, target), text=True, check=True)
