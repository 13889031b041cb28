# SPDX-License-Identifier: GPL-2.0
"""
Allocations while something runs, counted by the tracer's histograms.

Slab objects are counted by who asked, pages by order and by the functions on the
stack. Pages that the slab allocator takes for itself, and those of memory for new
processes, are told from those that a driver asked for by the stack, too.
"""
import re
import time

TRACING = "/sys/kernel/tracing/"
PAGES = "events/kmem/mm_page_alloc"
OBJECTS = ("events/kmem/kmalloc", "events/kmem/kmem_cache_alloc")
FRAMES = 8


def put(name, text):
    with open(TRACING + name, "w") as f:
        f.write(text)


def take(name):
    with open(TRACING + name) as f:
        return f.read()


def entries(text):
    """(key text, hit count) of each line or block of a histogram."""
    for found in re.finditer(r"^\{(.*?)\} hitcount:\s+(\d+)", text, re.M | re.S):
        yield found.group(1), int(found.group(2))


def frames(text):
    """The functions on a stack, innermost first, without offsets."""
    body = text.split("stacktrace:", 1)[1] if "stacktrace:" in text else text
    return [f for f in re.findall(r"([A-Za-z_][\w.]*(?:\+0x[0-9a-f]+/0x[0-9a-f]+)?(?: \[\w+\])?)",
                                  re.sub(r"order:\s*\d+", "", body.split("}")[0])) if f]


class Traced:
    """with Traced() as t: ...; then t.result."""

    def __init__(self):
        self.result = None

    def __enter__(self):
        put(PAGES + "/trigger", "hist:keys=order,stacktrace:size=4096")
        for event in OBJECTS:
            put(event + "/trigger", "hist:keys=call_site.sym:size=2048")
        return self

    def __exit__(self, *_):
        for event in (PAGES, *OBJECTS):
            keys = "order,stacktrace" if event == PAGES else "call_site.sym"
            put(event + "/trigger", "hist:keys=%s:size=%d:pause"
                % (keys, 4096 if event == PAGES else 2048))
        pages = []
        for key, hits in entries(take(PAGES + "/hist")):
            order = int(re.search(r"order:\s*(\d+)", key).group(1))
            stack = [re.sub(r"\+0x.*", "", f) for f in frames(key)]
            pages.append([order, hits, stack[:FRAMES], "hv_netvsc" in key])
        objects = {}
        for event in OBJECTS:
            for key, hits in entries(take(event + "/hist")):
                name = re.sub(r".*\]\s*", "", key).strip()
                objects[name] = objects.get(name, 0) + hits
        for event in (PAGES, *OBJECTS):
            keys = "order,stacktrace" if event == PAGES else "call_site.sym"
            put(event + "/trigger", "!hist:keys=%s:size=%d"
                % (keys, 4096 if event == PAGES else 2048))
        time.sleep(0.05)
        self.result = {"pages": pages,
                       "objects": dict(sorted(objects.items(), key=lambda kv: -kv[1])[:24])}
