# SPDX-License-Identifier: GPL-2.0
"""
Names of addresses in a guest's memory, by the map that it told (guest/memmap.py).

An object of a known type is named by type and field; other memory of the slab by its
cache and the offset in the object; an area of vmalloc by who asked for it.
"""
import base64
import bisect
import json
import re
import zlib

LINE = 64
PAGE = 4096
DIRECT, DIRECT_END = 0xffff888000000000, 0xffffc88000000000
VMEMMAP = 0xffffea0000000000
STACKS = re.compile(r"(kernel_clone|copy_process|dup_task_struct|alloc_thread_stack_node|irq_init_percpu_irqstack|"
                    r"map_irq_stack|fork_idle)$")
CACHE_TYPES = {"skbuff_head_cache": "sk_buff", "skbuff_fclone_cache": "sk_buff"}
STACK = "stack"


class Spans:
    """Ranges that do not overlap: what an address lies in."""

    def __init__(self, rows):
        self.rows = sorted(rows, key=lambda row: row[0])
        self.starts = [row[0] for row in self.rows]

    def at(self, addr):
        n = bisect.bisect_right(self.starts, addr) - 1
        return self.rows[n] if n >= 0 and addr < self.rows[n][1] else None


class Labels:
    """Symbols without a size: the last one at or below an address."""

    def __init__(self, rows):
        self.rows = sorted(rows)
        self.starts = [row[0] for row in self.rows]

    def at(self, addr):
        n = bisect.bisect_right(self.starts, addr) - 1
        return self.rows[n] if n >= 0 else None


def of_fields(spans, start, end):
    """The fields of a struct that lie in a part of it, shortened."""
    found = [name for at, size, name in spans if at < end and at + max(size, 1) > start]
    return found if len(found) < 5 else found[:3] + [".."] + found[-1:]


class Memory:
    """All of the map."""

    def __init__(self, told, types, sections=(), exported=None):
        self.types = types
        objects, indices = [], {}
        for name, rows in told["objects"].items():
            for addr, size in rows:
                number = indices[name] = indices.get(name, -1) + 1
                objects.append((addr, addr + size, name, number))
        self.objects = Spans(objects)
        self.areas = Spans([tuple(row) for row in told["areas"]])
        self.caches = told["caches"]
        self.slabs = Spans([(DIRECT + first * PAGE, DIRECT + (first + pages) * PAGE, cache)
                            for first, pages, cache in told["slabs"]])
        self.percpu = Labels([tuple(row) for row in told["percpu"]])
        last = max([row[0] for row in told["percpu"]] or [0])
        self.offsets = Spans([(at, at + last + PAGE) for at in told["offsets"]])
        self.sections = Spans(sections)
        self.data = Labels([(addr, "%s:%s" % (module, name)) for module, rows in told["data"].items()
                            for addr, name in rows])
        self.core = Labels([(addr, name) for name, addr in (exported or {}).items()])

    def name(self, addr):
        """Of the line that begins at @addr."""
        for way in (self.of_object, self.of_module, self.of_percpu, self.of_area, self.of_slab):
            name = way(addr)
            if name:
                return name
        if addr >> 32 == 0xffffffff:
            row = self.core.at(addr)
            return "kernel data near %s" % (row[1] if row else "?")
        if VMEMMAP <= addr < VMEMMAP + (1 << 40):
            return "struct page"
        return "pages" if DIRECT <= addr < DIRECT_END else "elsewhere"

    def of_object(self, addr):
        row = self.objects.at(addr) or self.objects.at(addr + LINE - 1)
        if not row:
            return None
        lo, _, name, _ = row
        if name.endswith("[]"):
            return name
        return self.typed(name, addr - lo)

    def typed(self, name, offset):
        """A line of a struct, that may begin in the middle of a line."""
        fields = of_fields(self.types.get(name, ()), offset, offset + LINE)
        return "%s%s0x%x%s" % (name, "-" if offset < 0 else "+", abs(offset),
                               " (%s)" % " ".join(fields) if fields else "")

    def of_module(self, addr):
        row = self.sections.at(addr) or self.sections.at(addr + LINE - 1)
        if not row:
            return None
        symbol = self.data.at(addr + LINE - 1)
        if symbol and symbol[0] >= row[0] - LINE:
            return symbol[1]
        return "%s:%s" % (row[2], row[3])

    def of_percpu(self, addr):
        row = self.offsets.at(addr)
        if not row:
            return None
        symbol = self.percpu.at(addr - row[0] + LINE - 1)
        return "per CPU: %s" % (symbol[1] if symbol else "?")

    def of_area(self, addr):
        row = self.areas.at(addr)
        if not row:
            return None
        return STACK if STACKS.search(row[2]) else "area of %s" % row[2]

    def of_slab(self, addr):
        row = self.slabs.at(addr)
        if not row:
            return None
        name, size = self.caches[row[2]]
        offset = (addr - row[0]) % size
        if name in CACHE_TYPES:
            return self.typed(CACHE_TYPES[name], offset)
        return "%s+0x%x" % (name, offset)


def unpack(text):
    return json.loads(zlib.decompress(base64.b64decode(text)))
