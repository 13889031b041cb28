# SPDX-License-Identifier: GPL-2.0
"""
V1: what a frame by the VF costs more than on the bare VF, without hv_netvsc.

The extra is the difference of all that the guest kernel executed: hv_netvsc's own
instructions and what the core does a second time because of it. On the bare VF there
is no hv_netvsc, so the guests of both drivers measure the same thing there, and the
middle of all their repetitions counts. What of it hv_netvsc itself executes is told too.
"""
import statistics

import guestrun
import report

GATE = 0.5
PHASES = (("tx", "V1/T", "TX 64 B UDP by the VF"), ("rx", "V1/R", "RX 64 B UDP by the VF"))


def measure(kernel, driver, quick):
    """{"tx joined": [{"driver": n, "kernel": n, "functions": {}}], ...}, a frame each"""
    result = guestrun.under_plugin(
        kernel, driver, ["vfcost.py", "512" if quick else "2048", "3"],
        ["--nics", "1", "--nic", "queues=1", "--cpus", "1", "--mem", "640", "--host", "peer=off"], [],
        "%s-%s-vfcost" % (kernel.name, driver))
    told = {"failed": result.failed}
    for row, reps in result.reps.items():
        told[row] = [{"driver": sum(rep["counts"]["by_module"].values()) / rep["count"],
                      "kernel": rep["counts"]["kernel"] / rep["count"], "short": rep["short"],
                      "functions": {n: c / rep["count"] for n, c in rep["counts"]["by_function"].items()}}
                     for rep in reps]
    return told


def middle(reps, name):
    return statistics.median(rep[name] for rep in reps) if reps else None


def report_of(kernel, told):
    """(lines, gates); told: {driver: measure()}"""
    lines = ["", "%s: V1, instructions a frame by the VF costs more than on the bare VF" % kernel.release,
             "%-6s %-24s %-6s %10s %14s %14s %14s" % ("row", "", "driver", "of driver", "kernel, joined",
                                                      "kernel, bare", "difference")]
    gates, pair_of = [], {}
    for way, row, title in PHASES:
        found = {}
        base = middle([rep for one in told.values() for rep in one.get(way + " bare", [])], "kernel")
        for driver, one in told.items():
            joined, bare = one.get(way + " joined", []), one.get(way + " bare", [])
            pair = middle(joined, "kernel"), base
            found[driver] = pair[0] - pair[1] if None not in pair else None
            pair_of.setdefault(driver, []).append(found[driver])
            lines.append("%-6s %-24s %-6s %10s %14s %14s %14s%s" % (
                row, title, driver, report.cell(middle(joined, "driver"), "%10.1f"), *[report.cell(v, "%14.0f") for v in pair],
                report.cell(found[driver], "%14.0f"),
                "   frames missing" if any(rep["short"] for rep in joined + bare) else ""))
            lines += ["  not measured: " + text for text in one.get("failed", ())]
        gate_of(gates, kernel, row + " extra instructions", found)
    both = {driver: sum(ways) if None not in ways else None for driver, ways in pair_of.items()}
    for driver, extra in both.items():
        lines.append("%-6s %-24s %-6s %10s %14s %14s %14s" % ("V1", "a frame out, one in", driver, "", "", "",
                                                             report.cell(extra, "%14.0f")))
    gate_of(gates, kernel, "V1 extra instructions, a frame out and one in", both)
    return lines, gates


def gate_of(gates, kernel, what, found):
    """Ours beside stock, if both were measured."""
    if "ours" in found and "stock" in found:
        ratio = found["ours"] / found["stock"] if found["ours"] is not None and found["stock"] else None
        gates.append(report.Gate("%s: %s, ratio" % (kernel.name, what), ratio, GATE))
