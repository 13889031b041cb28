# SPDX-License-Identifier: GPL-2.0
"""
What lies where in the guest's memory, for naming the lines that a driver touches.

The kernel is read through /proc/kcore, with offsets of structs that the benchmark took
from type information (tests/bench/layout.py) and left in layout.json. Found are the objects
of its walk, slab pages with the cache they belong to, areas of vmalloc with who
asked for them, data symbols of the modules and of a CPU's own data.
"""
import base64
import json
import os
import re
import struct
import zlib

MODULES = ("hv_netvsc", "hv_vmbus")
LAYOUT = "/mnt/share/layout.json"
DIRECT, VMEMMAP = 0xffff888000000000, 0xffffea0000000000
PAGE = 4096
MAX_POINTERS = 1024


class Core:
    """The kernel's memory by virtual address."""

    def __init__(self):
        self.file = open("/proc/kcore", "rb", buffering=0)
        head = self.file.read(64)
        offset, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        self.spans = []
        for n in range(count):
            kind, _, at, addr, _, length = struct.unpack(
                "<IIQQQQ", os.pread(self.file.fileno(), 40, offset + n * size))
            if kind == 1:
                self.spans.append((addr, addr + length, at))

    def read(self, addr, length):
        for lo, hi, at in self.spans:
            if lo <= addr and addr + length <= hi:
                return os.pread(self.file.fileno(), length, at + addr - lo)
        raise OSError("%x is not in /proc/kcore" % addr)

    def word(self, addr):
        return struct.unpack("<Q", self.read(addr, 8))[0]

    def half(self, addr):
        return struct.unpack("<I", self.read(addr, 4))[0]

    def string(self, addr):
        return self.read(addr, 32).split(b"\0")[0].decode("latin-1")

    def linked(self, head, offset):
        """Objects in a list_head's list, whose node is @offset into each."""
        node = self.word(head)
        while node != head:
            yield node - offset
            node = self.word(node)


def symbols(text, wanted):
    """
    Of /proc/kallsyms ({module: [[addr, name]]}, [[offset, name]] of a CPU's own data, {name: addr} of the core).
    It has some 200000 lines, so most of them are not looked at one by one.
    """
    modules, percpu, core = {}, [], {}
    for module in MODULES:
        at = text.find("\t[%s]" % module)
        while at >= 0:
            addr, kind, name = text[text.rfind("\n", 0, at) + 1:at].split()
            if kind in "dDbBrR":
                modules.setdefault(module, []).append([int(addr, 16), name])
            at = text.find("\t[%s]" % module, at + 1)
    at = 0
    while text.startswith("00000000", at):
        addr, _, name = text[at:text.find("\n", at)].split()
        percpu.append([int(addr, 16), name])
        at = text.find("\n", at) + 1
    for name in wanted:
        at = text.find(" %s\n" % name)
        core[name] = int(text[text.rfind("\n", 0, at) + 1:at].split()[0], 16)
    return modules, percpu, core


def areas():
    """[[lo, hi, who asked for it]] of vmalloc."""
    found = []
    with open("/proc/sys/kernel/kptr_restrict", "w") as f:
        f.write("1")            # else its addresses are hashes
    with open("/proc/vmallocinfo") as f:
        for line in f:
            match = re.match(r"0x([0-9a-f]+)-0x([0-9a-f]+)\s+\d+\s+([\w.]+)\S*(?: \[(\w+)\])?", line)
            if match:
                who = match.group(3) if not match.group(4) else "%s:%s" % (match.group(4), match.group(3))
                found.append([int(match.group(1), 16), int(match.group(2), 16), who])
    return found


def slabs(core, layout, names):
    """([[name, size]], [[number of the first page, pages, index of the cache]])"""
    caches, index = [], {}
    for cache in core.linked(names["slab_caches"], layout["kmem_cache.list"]):
        index[cache] = len(caches)
        caches.append([core.string(core.word(cache + layout["kmem_cache.name"])),
                       core.half(cache + layout["kmem_cache.size"])])
    size = layout["sizeof page"]
    runs = []
    for lo, hi, at in core.spans:
        if not VMEMMAP <= lo < VMEMMAP + (1 << 40):
            continue
        words = memoryview(os.pread(core.file.fileno(), hi - lo, at)).cast("Q")
        first = (lo - VMEMMAP) // size
        owners = words[layout["slab.slab_cache"] // 8::size // 8].tolist()
        heads = words[layout["page.compound_head"] // 8::size // 8].tolist()
        for n, owner in enumerate(owners):
            if owner not in index:
                continue
            tail = (lo + n * size) | 1
            pages = 1
            while n + pages < len(heads) and heads[n + pages] == tail:
                pages += 1
            runs.append([first + n, pages, index[owner]])
    return caches, runs


class Walk:
    """Objects that can be reached from an interface, as layout.json says."""

    def __init__(self, core, layout, names):
        self.core = core
        self.found = {}
        for device in core.linked(names["init_net"] + layout["net.dev_base_head"],
                                  layout["net_device.dev_list"]):
            name = core.string(device + layout["net_device.name"])
            if name.startswith("eth"):
                self.found.setdefault("net_device", []).append([device, layout["sizeof net_device"]])
        for step in layout["walk"]:
            for parent, length in list(self.found.get(step["from"], ())):
                try:
                    self.take(step, parent, length)
                except OSError:
                    continue

    def take(self, step, parent, length):
        at = parent + step["offset"]
        if step["how"] == "inside":
            addrs = [at]
        elif step["how"] == "list":
            addrs = list(self.core.linked(at, step["node"]))
        else:
            many = self.core.half(parent + step["many"]) if "many" in step else step.get("all", 0) * length // 8 or 1
            addrs = [self.core.word(at + 8 * n) - step.get("back", 0) for n in range(min(many, MAX_POINTERS))]
        times = self.core.half(parent + step["times"]) if "times" in step else 1
        size = step["size"] * times // step.get("per", 1)
        told = self.found.setdefault(step["name"], [])
        told += [[addr, size] for addr in addrs if addr > DIRECT and [addr, size] not in told]


class Teller:
    """Prints the map after each row, if the benchmark wants one; what does not change is read once."""

    def __init__(self):
        self.layout = None
        if os.path.exists(LAYOUT):
            with open(LAYOUT) as f:
                self.layout = json.load(f)
            with open("/proc/kallsyms") as f:
                self.modules, self.percpu, self.names = symbols(
                    f.read(), ("init_net", "slab_caches", "__per_cpu_offset"))
            self.core = Core()

    def tell(self, say, row):
        if not self.layout:
            return
        caches, runs = slabs(self.core, self.layout, self.names)
        offsets = [self.core.word(self.names["__per_cpu_offset"] + 8 * n) for n in range(os.cpu_count())]
        told = {"areas": areas(), "caches": caches, "slabs": runs, "percpu": self.percpu, "offsets": offsets,
                "objects": Walk(self.core, self.layout, self.names).found, "data": self.modules}
        packed = zlib.compress(json.dumps(told, separators=(",", ":")).encode(), 6)
        say(row=row, map=base64.b64encode(packed).decode())
