# SPDX-License-Identifier: GPL-2.0
"""
From the lines of repetitions (lines.py) to figures per packet, tables and verdicts.
"""
from linesmap import STACK
from report import Gate

GATES = {"T1": 0.7, "R1": 0.7}      # lines touched, ours / stock
OWN_GATE = 1 / 32                   # moves a packet of lines that are the driver's own
OWN = ("netvsc_", "hv_netvsc:", "id_store", "header", "ack_slots")
KEYS = ("touched", "read", "written", "copying", "long", "moves", "false")
WORST = 10
COLUMNS = (("touched", "touched"), ("read", "read"), ("written", "written"), ("copying", "and copied"),
           ("long", "per 64"))


def merged(row, reps):
    """{"names": {name: row}} per unit of all repetitions together, and what is the same in each; None: nothing."""
    told = [rep for rep in reps if rep.get("lines")]
    if not told:
        return None
    units = sum(row.units(rep) for rep in told)
    names = {}
    for rep in told:
        for name, one in rep["lines"]["names"].items():
            into = names.setdefault(name, dict.fromkeys(KEYS, 0.0) | {"several": 0, "lines": 0, "by": {}})
            for key in KEYS:
                into[key] += one[key] / units
            for key in ("several", "lines"):
                into[key] = max(into[key], one[key])
            for function, n in one["by"].items():
                into["by"][function] = into["by"].get(function, 0) + n
    first = told[0]["lines"]
    return {"names": names, "milestone": first["milestone"], "cpus": max(r["lines"]["cpus"] for r in told),
            "unknown": max(r["lines"]["unknown"] for r in told), "totals": totals(names)}


def totals(names):
    sums = {key: sum(one[key] for one in names.values()) for key in KEYS}
    sums["stack"] = names.get(STACK, {}).get("touched", 0.0)
    sums["own"] = sum(one["moves"] for name, one in names.items() if name.startswith(OWN))
    return sums


def ratio(pair, key):
    ours, stock = (pair.get(d, {}).get("totals", {}).get(key) for d in ("ours", "stock"))
    return ours / stock if ours is not None and stock else None


def lines_gates(results, kernel):
    found = []
    for name, pair in results.items():
        if name in GATES:
            found.append(Gate("%s: %s lines touched, ratio" % (kernel, name), ratio(pair, "touched"), GATES[name]))
        if pair.get("ours", {}).get("cpus", 0) > 1:
            found.append(Gate("%s: %s own lines that move, per packet" % (kernel, name),
                              pair["ours"]["totals"]["own"], OWN_GATE))
    return found


def pair_cell(pair, key):
    cells = ["-" if d not in pair else "%.2f" % pair[d]["totals"][key] for d in ("stock", "ours")]
    part = ratio(pair, key)
    return "%s / %s%s" % (*cells, "" if part is None else " = %.2f" % part)


def lines_table(results, kernel):
    text = ["", "%s: lines of 64 bytes of hv_netvsc and hv_vmbus, per packet (or KB), stock / ours" % kernel,
            "%-7s" % "row" + "".join("%23s" % title for _, title in COLUMNS) + "%18s" % "stack, touched"]
    text.append("-" * len(text[-1]))
    for name, pair in results.items():
        cells = "".join("%23s" % pair_cell(pair, key) for key, _ in COLUMNS)
        stack = " / ".join("%.2f" % pair[d]["totals"]["stack"] if d in pair else "-" for d in ("stock", "ours"))
        text.append("%-7s%s%18s" % (name, cells, stack))
    return text + moves_table(results, kernel)


def moves_table(results, kernel):
    several = {n: p for n, p in results.items() if any(f["cpus"] > 1 for f in p.values())}
    if not several:
        return []
    text = ["", "%s: lines that move from one CPU to another, per packet, stock / ours" % kernel,
            "%-7s%23s%23s%23s" % ("row", "moves", "of these false", "the driver's own")]
    text.append("-" * len(text[-1]))
    for name, pair in several.items():
        text.append("%-7s" % name + "".join("%23s" % pair_cell(pair, key) for key in ("moves", "false", "own")))
    return text


def users(by, count=3):
    total = sum(by.values()) or 1
    best = sorted(by.items(), key=lambda kv: -kv[1])[:count]
    return ", ".join("%s %d%%" % (name, 100 * n / total) for name, n in best)


def worst(name, told, driver):
    """The lines that are touched most, and those that move most, by name."""
    what, where = told["milestone"]
    text = ["", "%s, %s driver: %.2f lines per packet; a packet begins where the driver %s %s" %
            (name, driver, told["totals"]["touched"], what, where),
            "  %7s %7s %7s %7s  %s" % ("touched", "written", "copied", "per 64", "line, and who uses it")]
    if told["unknown"]:
        text.append("  the CPU of %.1f %% of the accesses is not known" % (100 * told["unknown"]))
    order = sorted(told["names"].items(), key=lambda kv: -(kv[1]["touched"] + kv[1]["written"]))
    for line, one in order[:WORST]:
        text.append("  %7.2f %7.2f %7.2f %7.2f  %s: %s" % (one["touched"], one["written"],
                    one["copying"] - one["touched"], one["long"], line, users(one["by"])))
    if told["cpus"] < 2:
        return text
    text += ["  %d CPUs; lines that move between them, per packet" % told["cpus"],
             "  %7s %7s %7s %7s  %s" % ("moves", "false", "written", "lines", "line, and who uses it")]
    order = sorted(told["names"].items(), key=lambda kv: -kv[1]["moves"])
    text += ["  %7.3f %7.3f %7.2f %3d/%-3d  %s: %s" % (one["moves"], one["false"], one["written"], one["several"], one["lines"],
             line, users(one["by"])) for line, one in order[:WORST] if one["moves"]]
    return text
