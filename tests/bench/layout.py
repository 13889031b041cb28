# SPDX-License-Identifier: GPL-2.0
"""
Offsets of structs, out of the type information of a kernel and of our module.

pahole prints a struct; what the guest's map of its memory needs of that goes to the guest
(guest/memmap.py), and lines.py names a field with it. Of the stock driver no types are
looked at: its memory is named by the slab cache, or by who asked for it.
"""
import os
import re
import shutil
import subprocess
import tempfile

from symbols import images

FIELD = re.compile(r"(?:(\w+)(?:\[[^\]]*\])*|\(\*(\w+)\)\(.*\))(?: +__attribute__\(\(.*\)\))?;\s*"
                   r"/\*\s*(\d+)\s+(\d+)\s*\*/")
SIZE = re.compile(r"/\* size: (\d+),")

# What guest/memmap.py reads by itself.
WANTED = (("slab", "slab_cache"), ("page", "compound_head"), ("kmem_cache", "list"), ("kmem_cache", "name"),
          ("kmem_cache", "size"), ("net", "dev_base_head"), ("net_device", "dev_list"), ("net_device", "name"))

# Objects from an interface on: name, parent, member of the parent, how, type or bytes, more.
# times: a member of the parent that says how many lie one behind the other, one for each @per;
# many: a member that says how many pointers there are; all: as many as the parent has room for.
WALK = (
    ("vmbus_channel", "hv_device", "channel", "pointer", "vmbus_channel", {}),
    ("vmbus_channel", "vmbus_channel", "sc_list", "list", "vmbus_channel", {"node": "sc_list"}),
)
OURS = (
    ("netvsc_priv", "net_device", None, "inside", "netvsc_priv", {}),
    ("netvsc_device", "netvsc_priv", "nvdev", "pointer", "netvsc_device", {}),
    ("netvsc_queue", "netvsc_device", "queues", "pointer", "netvsc_queue", {"many": "num_open"}),
    ("netvsc_slot[]", "netvsc_queue", "slots", "pointer", "netvsc_slot", {"times": "slot_cnt"}),
    ("id_store[]", "netvsc_queue", "id_store", "pointer", 8, {"times": "slot_cnt"}),
    ("headers[]", "netvsc_queue", "headers", "pointer", 8, {"times": "slot_cnt", "per": 32}),
    ("header pages[]", "headers[]", None, "pointer", 4096, {"all": 1}),
    ("ack_slots[]", "netvsc_queue", "ack_slots", "pointer", 256 * 16, {}),
    ("netvsc_rx_buf", "netvsc_queue", "rx_buf", "pointer", "netvsc_rx_buf", {}),
    ("netvsc_queue_stats", "netvsc_queue", "stats", "pointer", "netvsc_queue_stats", {}),
    ("netdev_queue", "netvsc_queue", "txq", "pointer", "netdev_queue", {}),
)
# Their fields are named.
NAMED = ("net_device", "vmbus_channel", "sk_buff", "skb_shared_info", "netdev_queue", "hv_device")
NAMED_OURS = ("netvsc_priv", "netvsc_device", "netvsc_queue", "netvsc_rx_buf", "netvsc_queue_stats")


def fields(text):
    """(size, {name: offset}, [(offset, size, name)]) of what pahole printed of one struct."""
    size = SIZE.search(text)
    offsets, spans = {}, []
    for line in text.splitlines():
        match = FIELD.search(line)
        if match:
            name = match.group(1) or match.group(2)
            offsets.setdefault(name, int(match.group(3)))
            spans.append((int(match.group(3)), int(match.group(4)), name))
    return int(size.group(1)) if size else 0, offsets, sorted(spans)


class Types:
    """Structs of a kernel and of modules of it, by name."""

    def __init__(self, vmlinux, modules):
        self.vmlinux = vmlinux
        self.modules = modules
        self.seen = {}

    def of(self, name):
        if name not in self.seen:
            self.seen[name] = self.find(name)
        return self.seen[name]

    def find(self, name):
        commands = [["pahole", "-F", "btf", "-C", name, self.vmlinux]]
        commands += [["pahole", "-F", "btf", "--btf_base", self.vmlinux, "-C", name, m] for m in self.modules]
        commands += [["pahole", "-F", "dwarf", "-C", name, m] for m in self.modules]
        for command in commands:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
            if "/* size:" in done.stdout:
                return fields(done.stdout)
        raise KeyError("no type information of struct " + name)

    def offset(self, name, member):
        return self.of(name)[1][member]

    def size(self, name):
        return name if isinstance(name, int) else self.of(name)[0]


def aligned(value, to=32):
    return -(-value // to) * to


def walk_steps(types, driver):
    """WALK with numbers in it, and OURS for our driver."""
    parent = types.offset("net_device", "dev") + types.offset("device", "parent")
    steps = [{"name": "hv_device", "from": "net_device", "how": "pointer", "offset": parent,
              "back": types.offset("hv_device", "device"), "size": types.size("hv_device")}]
    for name, above, member, how, kind, more in WALK + (OURS if driver == "ours" else ()):
        at = types.offset(above, member) if member else 0 if above.endswith("[]") else aligned(types.size(above))
        step = {"name": name, "from": above, "how": how, "offset": at, "size": types.size(kind)}
        step.update({key: types.offset(above, word) if isinstance(word, str) else word
                     for key, word in more.items()})
        steps.append(step)
    return steps


def layout(kernel, driver, ours):
    """(what the guest is told, {struct: [(offset, size, field)]})"""
    if not shutil.which("pahole"):
        raise FileNotFoundError("pahole is missing (Debian: dwarves); --lines needs it")
    with tempfile.TemporaryDirectory() as folder:
        vmbus = os.path.join(folder, "hv_vmbus.ko")
        with open(vmbus, "wb") as f:
            f.write(images.read_module(kernel.module("hv_vmbus")))
        types = Types(kernel.vmlinux, [vmbus] + ([ours] if driver == "ours" else []))
        told = {"%s.%s" % pair: types.offset(*pair) for pair in WANTED}
        told.update({"sizeof " + name: types.size(name) for name in ("page", "net_device")})
        told["walk"] = walk_steps(types, driver)
        named = NAMED + (NAMED_OURS if driver == "ours" else ())
        return told, {name: types.of(name)[2] for name in named}
