# SPDX-License-Identifier: GPL-2.0
"""
The rows that count no instructions: memory of a NIC (M1), what a change of the
configuration loses (C1). They run in the closed outer guest too, though nothing is
counted: its clock does not care how busy the machine is.
"""
import os
import shutil
import statistics

import guestrun
import report

QUEUES = (1, 8)
MEMORY_GATES = {1: 1.0, 8: 0.8}
# What is changed, the name, and whether ours must not lose a frame by it.
CHANGES = (
    ("ethtool -L {dev} combined 1;ethtool -L {dev} combined 4", "-L 1, -L 4", True),
    ("ip link set {dev} mtu 1400;ip link set {dev} mtu 1500", "MTU 1400, 1500", True),
    ("ip link set {dev} mtu 9000;ip link set {dev} mtu 1500", "MTU 9000, 1500", False),
    ("ethtool -G {dev} rx 2048;ethtool -G {dev} rx 4096", "-G rx 2048, 4096", False),
)


def guest(kernel, driver, argv, tag, options):
    folder = guestrun.shared([])
    try:
        return guestrun.vm(kernel, driver, argv, ["--icount", *options, "--host", "peer=off",
                                                  "--share", folder],
                           os.path.join(guestrun.OUT, "log-%s-%s-%s.txt" % (kernel.name, driver, tag)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def memory(kernel, driver, quick):
    """{queues: [line of guest/memory.py]}"""
    told = {}
    for queues in QUEUES:
        told[queues] = guest(kernel, driver, ["python3", "/mnt/share/memory.py", str(queues),
                                              "1" if quick else "2"], "memory%d" % queues,
                             ["--cpus", str(queues), "--mem", "700", "--nics", "1",
                              "--nic", "queues=%d" % queues])
    return told


def reconfigure(kernel, driver, quick):
    """[line of guest/reconfig.py], one for each of CHANGES"""
    return guest(kernel, driver, ["python3", "/mnt/share/reconfig.py", "2" if quick else "5",
                                  *[c[0] for c in CHANGES]], "reconfig",
                 ["--cpus", "4", "--mem", "800", "--nics", "1", "--nic", "queues=4"])


def megabytes(lines):
    """What a NIC holds after traffic, the median of the NICs."""
    return statistics.median(line["used_kb"] for line in lines) / 1024 if lines else None


def memory_report(kernel, told):
    """(lines, gates); told: {driver: {queues: lines}}"""
    lines = ["", "%s: M1, memory of a NIC after traffic, MB" % kernel.release,
             "%-10s %9s %9s %7s" % ("queues", "stock", "ours", "ratio")]
    gates = []
    for queues in QUEUES:
        pair = {d: megabytes(told[d].get(queues, [])) for d in told}
        short = [d for d in told for line in told[d].get(queues, ()) if line["opened"] != queues]
        ratio = pair["ours"] / pair["stock"] if pair.get("ours") and pair.get("stock") else None
        lines.append("%-10d %s %s %s%s" % (
            queues, report.cell(pair.get("stock")), report.cell(pair.get("ours")),
            report.cell(ratio, "%7.2f"),
            "   not so many channels opened: " + ", ".join(sorted(set(short))) if short else ""))
        if "ours" in pair and "stock" in pair:
            gates.append(report.Gate("%s: M1 memory with %d queue%s, ratio" % (
                kernel.name, queues, "s" * (queues > 1)), None if short else ratio,
                MEMORY_GATES[queues]))
    return lines, gates


def reconfigure_report(kernel, told):
    """(lines, gates); told: {driver: lines}"""
    lines = ["", "%s: C1, frames lost by a change of the configuration (of those sent), and the "
             "longest silence" % kernel.release,
             "%-18s %-6s %8s %16s %16s %9s %9s" % ("change", "driver", "changes", "receive",
                                                   "transmit", "silence", "command")]
    gates = []
    for (_, name, must), number in zip(CHANGES, range(len(CHANGES))):
        for driver, rows in told.items():
            row = rows[number]
            lines.append("%-18s %-6s %8s %16s %16s %6d ms %6d ms%s" % (
                name, driver, row["times"], "%d of %d" % (row["rx_lost"], row["rx_sent"]),
                "%d of %d" % (row["tx_lost"], row["tx_sent"]), row["gap_ms"], row["worst_ms"],
                "   %d commands failed" % row["failed"] if row["failed"] else ""))
            if driver == "ours" and must:
                lost = None if row["failed"] else row["rx_lost"] + row["tx_lost"]
                gates.append(report.Gate("%s: C1 frames lost by %s" % (kernel.name, name), lost, 0))
    return lines, gates
