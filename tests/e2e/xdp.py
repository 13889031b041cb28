#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""XDP programs for the e2e scripts, put together from words: no compiler, no library.

usage: xdp.py load NAME WORD... VERDICT   a program, pinned as /sys/fs/bpf/NAME, its figures as NAME_map; several
                                          with -- between them
       xdp.py tc NAME                     a classifier that drops frames with our metadata, passes others
       xdp.py map NAME                    the figures, see below

words, done in this order to frames of proto=HEX (88b5; all others pass; proto=0: to every frame):
  frags              the program knows frames of several buffers
  bound=DEV          it is loaded for that interface alone, and may ask about frames
  devmap, cpumap     it runs behind a redirection, not on a received frame
  count  last        figures: frames, bytes of the latest, bytes of all; its last four bytes (with frags)
  store              write "netv" over its last four bytes (with frags)
  hash  vlan         what the driver says about the frame
  swap  to=MAC       exchange the addresses, or set the destination
  from=DEV           set the source to the address of an interface: a frame that leaves by another one than it
                     came to says so, or the host's switch would learn that the first one has moved
  tag=TCI            put an 802.1Q tag into the frame
  head=N  tail=N     move its beginning, its end
  meta               leave eight bytes in front of it for whom it meets next
verdicts: pass drop tx aborted return=N redirect=DEV devmap=DEV[,PROGRAM] cpumap=CPU[,PROGRAM]
figures: 0 frames, 1 latest length, 2 bytes, 3 last four bytes, 4 answer and 5 hash | type << 32,
         6 answer and 7 TCI | protocol << 16; a step that failed ends in the verdict aborted
"""
import ctypes
import os
import socket
import struct
import sys

MAP_CREATE, MAP_LOOKUP, MAP_UPDATE, PROG_LOAD, OBJ_PIN, OBJ_GET = 0, 1, 2, 5, 6, 7
XDP, CLASSIFIER = 6, 3
ARRAY, DEVMAP, CPUMAP = 2, 14, 16
FRAGS, BOUND = 1 << 5, 1 << 6
AT_DEVMAP, AT_CPUMAP = 33, 35
ADJUST_HEAD, ADJUST_META, ADJUST_TAIL, REDIRECT, REDIRECT_MAP = 44, 54, 65, 23, 51
BUFF_LEN, LOAD_BYTES, STORE_BYTES = 188, 189, 190
FIGURES = 8
MARK = 0x6e657476

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buf = ctypes.create_string_buffer(attr.ljust(144, b"\0"))
    fd = libc.syscall(321, command, buf, len(buf))
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return fd


def address(buf):
    return ctypes.cast(buf, ctypes.c_void_p).value


def pin(fd, name):
    path = ctypes.create_string_buffer(f"/sys/fs/bpf/{name}".encode())
    try:
        os.unlink(f"/sys/fs/bpf/{name}")
    except FileNotFoundError:
        pass
    bpf(OBJ_PIN, struct.pack("QI", address(path), fd))


def pinned(name):
    path = ctypes.create_string_buffer(f"/sys/fs/bpf/{name}".encode())
    return bpf(OBJ_GET, struct.pack("QI", address(path), 0))


def new_map(kind, value_size, entries=1):
    return bpf(MAP_CREATE, struct.pack("4I", kind, 4, value_size, entries))


def update(fd, key, value):
    keep = ctypes.create_string_buffer(struct.pack("I", key)), ctypes.create_string_buffer(value)
    bpf(MAP_UPDATE, struct.pack("IIQQQ", fd, 0, address(keep[0]), address(keep[1]), 0))


class Program:
    """Instructions with labels; r6 is the context, r7 the figures."""

    def __init__(self):
        self.code, self.jumps, self.labels = [], [], {}

    def put(self, op, dst=0, src=0, off=0, imm=0):
        self.code.append([op, dst | src << 4, off, imm & 0xffffffff])

    def load64(self, dst, src, low, high=0):
        self.put(0x18, dst, src, 0, low)
        self.put(0, 0, 0, 0, high)

    def jump(self, op, label, dst=0, src=0, imm=0):
        self.jumps.append((len(self.code), label))
        self.put(op, dst, src, 0, imm)

    def label(self, name):
        self.labels[name] = len(self.code)

    def call(self, helper, src=0):
        self.put(0x85, 0, src, 0, helper)

    def end(self, verdict):
        self.put(0xb7, 0, imm=verdict)
        self.put(0x95)

    def window(self, size, otherwise="failed"):
        """r2 the first of SIZE readable bytes, or away."""
        self.put(0x61, 2, 6, 0)
        self.put(0x61, 3, 6, 4)
        self.put(0xbf, 4, 2)
        self.put(0x07, 4, imm=size)
        self.jump(0x2d, otherwise, 4, 3)

    def adjust(self, helper, delta):
        self.put(0xbf, 1, 6)
        self.put(0xb7, 2, imm=delta)
        self.call(helper)
        self.jump(0x55, "failed", 0)

    def bytes(self):
        for at, label in self.jumps:
            self.code[at][2] = self.labels[label] - at - 1
        return b"".join(struct.pack("<BBhI", *insn) for insn in self.code)

    def load(self, kind, flags=0, ifindex=0, attach=0):
        code = self.bytes()
        insns = ctypes.create_string_buffer(code)
        text = ctypes.create_string_buffer(b"GPL")
        log = ctypes.create_string_buffer(1 << 16)
        try:
            return bpf(PROG_LOAD, struct.pack("IIQQIIQII16sII", kind, len(code) // 8, address(insns), address(text),
                                              1, len(log), address(log), 0, flags, b"e2e", ifindex, attach))
        except OSError as error:
            sys.exit(f"xdp.py: not loaded: {error}\n{log.value.decode()[-2000:]}")


# Behind the head of a type there is this much, by kind; and this much for each of its members.
TAIL = {1: 4, 3: 12, 14: 4, 17: 4}
MEMBER = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}
FUNCTION = 12


def kernel_function(name):
    """Its number in the kernel's own table of types (BTF); written as text that takes half a minute."""
    with open("/sys/kernel/btf/vmlinux", "rb") as f:
        table = f.read()
    head, types, length, strings = struct.unpack_from("4I", table, 4)
    wanted = table.find(f"\0{name}\0".encode(), head + strings) + 1 - head - strings
    tails, members = ([sizes.get(kind, 0) for kind in range(32)] for sizes in (TAIL, MEMBER))
    look = struct.Struct("2I").unpack_from
    at, number = head + types, 1
    while at < head + types + length:
        string, info = look(table, at)
        kind = info >> 24 & 31
        if string == wanted and kind == FUNCTION:
            return number
        at += 12 + tails[kind] + members[kind] * (info & 0xffff)
        number += 1
    sys.exit(f"xdp.py: the kernel has no {name}")


def count(p):
    p.put(0xbf, 1, 6)
    p.call(BUFF_LEN)
    p.put(0x7b, 7, 0, 8)
    p.put(0xdb, 7, 0, 16)	# an addition that nobody can get between
    p.put(0xb7, 1, imm=1)
    p.put(0xdb, 7, 1, 0)


def at_end(p, helper):
    """The helper, on the frame's last four bytes and four on the stack."""
    p.put(0xbf, 1, 6)
    p.call(BUFF_LEN)
    p.put(0xbf, 1, 6)
    p.put(0xbf, 2, 0)
    p.put(0x07, 2, imm=-4)
    p.put(0xbf, 3, 10)
    p.put(0x07, 3, imm=-8)
    p.put(0xb7, 4, imm=4)
    p.call(helper)
    p.jump(0x55, "failed", 0)


def last(p):
    at_end(p, LOAD_BYTES)
    p.put(0x61, 1, 10, -8)
    p.put(0xdc, 1, imm=32)	# to big endian
    p.put(0x7b, 7, 1, 24)


def store(p):
    p.put(0x62, 10, off=-8, imm=socket.htonl(MARK))
    at_end(p, STORE_BYTES)


def ask(p, name, figure, sizes):
    """Figures: the answer, then what was told, one above the other."""
    p.put(0x7a, 10, 0, -8)
    p.put(0x7a, 10, 0, -16)
    p.put(0xbf, 1, 6)
    for register, offset in ((2, -8), (3, -16)):
        p.put(0xbf, register, 10)
        p.put(0x07, register, imm=offset)
    p.call(kernel_function(name), 2)
    p.put(0x67, 0, imm=32)	# the answer is an int
    p.put(0xc7, 0, imm=32)
    p.put(0x7b, 7, 0, figure * 8)
    p.put(sizes[0], 1, 10, -8)
    p.put(sizes[1], 2, 10, -16)
    if name.endswith("hash"):
        p.put(0x67, 2, imm=32)
        p.put(0x4f, 1, 2)
    else:
        p.put(0xdc, 1, imm=16)
        p.put(0x67, 1, imm=16)
        p.put(0x4f, 1, 2)
    p.put(0x7b, 7, 1, figure * 8 + 8)


def swap(p):
    p.window(14)
    p.put(0x61, 0, 2, 0)
    p.put(0x69, 1, 2, 4)
    p.put(0x61, 3, 2, 6)
    p.put(0x69, 4, 2, 10)
    p.put(0x63, 2, 3, 0)
    p.put(0x6b, 2, 4, 4)
    p.put(0x63, 2, 0, 6)
    p.put(0x6b, 2, 1, 10)


def to(p, mac):
    mac = bytes.fromhex(mac.replace(":", ""))
    p.window(14)
    p.put(0x62, 2, imm=struct.unpack("<I", mac[:4])[0])
    p.put(0x6a, 2, off=4, imm=struct.unpack("<H", mac[4:])[0])


def source(p, dev):
    with open(f"/sys/class/net/{dev}/address", encoding="ascii") as f:
        mac = bytes.fromhex(f.read().strip().replace(":", ""))
    p.window(14)
    p.put(0x62, 2, off=6, imm=struct.unpack("<I", mac[:4])[0])
    p.put(0x6a, 2, off=10, imm=struct.unpack("<H", mac[4:])[0])


def tag(p, tci):
    p.adjust(ADJUST_HEAD, -4)
    p.window(18)
    for offset in (0, 4, 8):
        p.put(0x61, 0, 2, offset + 4)
        p.put(0x63, 2, 0, offset)
    p.put(0xb7, 0, imm=socket.htons(0x8100))
    p.put(0x6b, 2, 0, 12)
    p.put(0xb7, 0, imm=socket.htons(tci))
    p.put(0x6b, 2, 0, 14)


def meta(p):
    p.adjust(ADJUST_META, -8)
    p.put(0x61, 2, 6, 8)
    p.put(0x61, 3, 6, 0)
    p.put(0xbf, 4, 2)
    p.put(0x07, 4, imm=8)
    p.jump(0x2d, "failed", 4, 3)
    p.put(0xb7, 0, imm=MARK)
    p.put(0x7b, 2, 0, 0)


STEPS = {"count": count, "last": last, "store": store, "swap": swap, "meta": meta,
         "to": to,
         "from": source,
         "tag": lambda p, n: tag(p, int(n, 0)),
         "head": lambda p, n: p.adjust(ADJUST_HEAD, int(n)),
         "tail": lambda p, n: p.adjust(ADJUST_TAIL, int(n)),
         "hash": lambda p: ask(p, "bpf_xdp_metadata_rx_hash", 4, (0x61, 0x61)),
         "vlan": lambda p: ask(p, "bpf_xdp_metadata_rx_vlan_tag", 6, (0x69, 0x69))}
VERDICTS = {"aborted": 0, "drop": 1, "pass": 2, "tx": 3}


def by_map(p, kind, target, number):
    """To entry 0 of a map that names the target, and a program there."""
    target, _, program = target.partition(",")
    value = struct.pack("I", number(target))
    if program:
        value += struct.pack("I", pinned(program))
    fd = new_map(kind, len(value))
    update(fd, 0, value)
    p.load64(1, 1, fd)
    p.put(0xb7, 2, imm=0)
    p.put(0xb7, 3, imm=0)
    p.call(REDIRECT_MAP)
    p.put(0x95)
    return fd


def verdict(p, word):
    name, _, value = word.partition("=")
    if name == "redirect":
        p.put(0xb7, 1, imm=socket.if_nametoindex(value))
        p.put(0xb7, 2, imm=0)
        p.call(REDIRECT)
        p.put(0x95)
    elif name == "devmap":
        by_map(p, DEVMAP, value, socket.if_nametoindex)
    elif name == "cpumap":
        by_map(p, CPUMAP, value, lambda cpu: 192)
    else:
        p.end(int(value, 0) if name == "return" else VERDICTS[name])


def load(name, words):
    p = Program()
    flags = ifindex = attach = 0
    proto = 0x88b5
    figures = new_map(ARRAY, 8 * FIGURES)
    steps = []
    for word in words[:-1]:
        key, _, value = word.partition("=")
        if key == "frags":
            flags |= FRAGS
        elif key == "bound":
            flags |= BOUND
            ifindex = socket.if_nametoindex(value)
        elif key == "proto":
            proto = int(value, 16)
        elif key in ("devmap", "cpumap"):
            attach = AT_DEVMAP if key == "devmap" else AT_CPUMAP
        else:
            steps.append((STEPS[key], [value] if value else []))
    p.put(0xbf, 6, 1)
    p.load64(7, 2, figures)
    p.window(14, "other")
    if proto:
        p.put(0x69, 5, 2, 12)
        p.jump(0x55, "other", 5, imm=socket.htons(proto))
    for step, arguments in steps:
        step(p, *arguments)
    verdict(p, words[-1])
    p.label("other")
    p.end(VERDICTS["pass"])
    p.label("failed")
    p.end(VERDICTS["aborted"])
    # Only what is jumped to may be there: the verifier refuses dead code it cannot reach.
    if not any(label == "failed" for _, label in p.jumps):
        p.code = p.code[:p.labels["failed"]]
    pin(p.load(XDP, flags, ifindex, attach), name)
    pin(figures, f"{name}_map")


def classifier(name):
    p = Program()
    p.put(0xbf, 6, 1)
    p.put(0x61, 2, 6, 140)
    p.put(0x61, 3, 6, 76)
    p.put(0xbf, 4, 2)
    p.put(0x07, 4, imm=8)
    p.jump(0x2d, "pass", 4, 3)
    p.put(0x79, 5, 2, 0)
    p.jump(0x55, "pass", 5, imm=MARK)
    p.end(2)
    p.label("pass")
    p.end(0xffffffff)
    pin(p.load(CLASSIFIER), name)


def figures(name):
    fd = pinned(f"{name}_map")
    key = ctypes.create_string_buffer(struct.pack("I", 0))
    value = ctypes.create_string_buffer(8 * FIGURES)
    bpf(MAP_LOOKUP, struct.pack("IIQQQ", fd, 0, address(key), address(value), 0))
    print(*struct.unpack(f"{FIGURES}q", value.raw[:8 * FIGURES]))


def main(argv):
    if len(argv) < 2 or argv[0] not in ("load", "tc", "map"):
        sys.exit(__doc__)
    if argv[0] == "load":
        for text in " ".join(argv[1:]).split(" -- "):
            name, *words = text.split()
            load(name, words)
    elif argv[0] == "tc":
        classifier(argv[1])
    else:
        figures(argv[1])


if __name__ == "__main__":
    main(sys.argv[1:])
