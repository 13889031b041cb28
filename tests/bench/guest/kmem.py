# SPDX-License-Identifier: GPL-2.0
"""
Allocations while something runs, counted by the tracer's histograms.

Slab objects are counted by who asked, pages by order and by the functions on the
stack. Pages that the slab allocator takes for itself, and those of memory for new
processes, are told from those that a driver asked for by the stack, too.
"""
import re

TRACING = "/sys/kernel/tracing/"
PAGES = "events/kmem/mm_page_alloc"
KEYS = {PAGES: "order,stacktrace:size=4096", "events/kmem/kmalloc": "call_site.sym:size=2048",
        "events/kmem/kmem_cache_alloc": "call_site.sym:size=2048"}
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
        for event, keys in KEYS.items():
            put(event + "/trigger", "hist:keys=" + keys)
        return self

    def __exit__(self, *_):
        texts = {event: take(event + "/hist") for event in KEYS}
        for event, keys in KEYS.items():
            put(event + "/trigger", "!hist:keys=" + keys)
        self.result = {"pages": pages(texts.pop(PAGES)), "objects": objects(texts.values())}


def pages(text):
    """[order, hits, stack, whether hv_netvsc is on it]"""
    found = []
    for key, hits in entries(text):
        order = int(re.search(r"order:\s*(\d+)", key).group(1))
        stack = [re.sub(r"\+0x.*", "", f) for f in frames(key)]
        found.append([order, hits, stack[:FRAMES], "hv_netvsc" in key])
    return found


def objects(texts):
    """{who: hits}, the 24 that asked most often."""
    found = {}
    for text in texts:
        for key, hits in entries(text):
            name = re.sub(r".*\]\s*", "", key, count=1).strip()
            found[name] = found.get(name, 0) + hits
    return dict(sorted(found.items(), key=lambda kv: -kv[1])[:24])
