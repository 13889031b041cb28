# SPDX-License-Identifier: GPL-2.0
"""
Allocations of a row, out of the tracer's histograms (guest/kmem.py).

A page is the driver's when a function of hv_netvsc is on the stack at that moment;
pages that the slab allocator takes to refill itself are told apart. On receive that
covers all that the stack above allocates while the driver hands it a frame.
"""

import re

import report

# Slab objects of these functions count; the rest is of the measuring program.
NETWORK = re.compile(r"skb|napi|netvsc|vmbus|page_pool|sock_alloc_send|frag")
SLAB = ("new_slab", "allocate_slab", "___slab_alloc")


def by_order(told):
    """({order: pages} of the driver, {order: pages} of the slab allocator under it)"""
    driver, slab = {}, {}
    for order, hits, stack, ours in told["pages"]:
        if ours:
            into = slab if any(name in SLAB for name in stack) else driver
            into[order] = into.get(order, 0) + hits
    return driver, slab


def above_zero(told):
    """Pages above order 0 that the driver asked for: [(order, hits, who)]."""
    found = []
    for order, hits, stack, ours in told["pages"]:
        if ours and order and not any(name in SLAB for name in stack):
            found.append((order, hits, " < ".join(stack[:5])))
    return found


def gates(kmem, kernel):
    """Coalesced frames are made of single pages."""
    if "R3" not in kmem.get("ours", {}):
        return []
    got = sum(hits for _, hits, _ in above_zero(kmem["ours"]["R3"]["kmem"]))
    return [report.Gate("%s: R3 allocations above order 0" % kernel, got, 0)]


def text(orders, count):
    """As in a table: order:allocations per packet."""
    return " ".join("%s:%.3f" % (o, n / count) for o, n in sorted(orders.items())) or "none"


def table(kmem, kernel, chosen):
    """kmem: {driver: {row name: {"kmem": ..., "count": ...}}}"""
    lines = ["", "%s: allocations per packet" % kernel,
             "%-7s %-6s %8s   %-34s %s" % ("row", "driver", "objects", "pages by order (driver)",
                                           "pages by order (slab refill)"), "-" * 96]
    for row in chosen:
        for driver, told in kmem.items():
            if row.name not in told:
                continue
            entry = told[row.name]
            objects = sum(n for name, n in entry["kmem"]["objects"].items()
                          if NETWORK.search(name)) / entry["count"]
            own, slab = by_order(entry["kmem"])
            lines.append("%-7s %-6s %8.2f   %-34s %s" % (
                row.name, driver, objects, text(own, entry["count"]), text(slab, entry["count"])))
    return lines if len(lines) > 4 else []
