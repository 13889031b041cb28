#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""
What the benchmark makes of the lines of memory that were written down (tests/bench/lines.py,
linesmap.py, layout.py, linesreport.py), with made-up input. Prints KTAP.
"""
import os
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(TOP, "tests/bench"), os.path.join(TOP, "tests/bench/guest")]
import layout  # noqa: E402
import lines  # noqa: E402
import linesmap  # noqa: E402
import linesreport  # noqa: E402
import memmap  # noqa: E402
import points  # noqa: E402
import rows  # noqa: E402

CODE = 0xffffffffc0100000
CORE = 0xffffffff81000000
POLL, XMIT, OTHER = CODE, CODE + 0x100, CODE + 0x1000
DIRECT = linesmap.DIRECT
READ, WRITE, COPY, CALL, BLOCK, MARK = 1, 2, 4, 8, 16, 32


def where(addr):
    """poll and xmit of the driver, 0x100 bytes each, then a function of the bus."""
    if CODE <= addr < CODE + 0x200:
        return "hv_netvsc", "xmit" if addr >= XMIT else "poll", addr in (POLL, XMIT)
    if OTHER <= addr < OTHER + 0x100:
        return "hv_vmbus", "ring", addr == OTHER
    return None


def record(kind, pc=0, vaddr=0, size=0, cpu=0, phys=None):
    return (vaddr - DIRECT if phys is None and vaddr >= DIRECT else phys or 0, vaddr, pc & 0xffffffff, kind, size, cpu)


def packets(count, body, cpu=0):
    """xmit is entered so many times and does what body(n) says."""
    for n in range(count):
        yield record(BLOCK, XMIT, 1, cpu=cpu)
        yield from body(n)


EMPTY = {"objects": {}, "areas": [], "caches": [], "slabs": [], "percpu": [], "offsets": [], "data": {}}


def memory(**told):
    types = told.pop("types", {})
    return linesmap.Memory({**EMPTY, **told}, types, told.pop("sections", ()))


def analysed(records, count, **told):
    return lines.analyse(list(records), where, memory(**told), count)


TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def a_line_counts_once_for_each_packet():
    def body(_):
        for _ in range(5):
            yield record(READ, XMIT + 4, DIRECT + 0x1008, 8)
        yield record(WRITE, XMIT + 8, DIRECT + 0x1010, 8)
    told = analysed(packets(100, body), 100)
    row = told["names"]["pages"]
    assert (row["touched"], row["read"], row["written"]) == (100, 100, 100), row
    assert row["long"] == 2, row            # 64 and 36 packets


@test
def an_access_over_the_edge_is_two_lines():
    assert lines.parts(60, 8) == [(0, 0xf << 60), (1, 0xf)]
    assert lines.parts(56, 8) == [(0, 0xff << 56)]
    assert lines.parts(64, 1) == [(1, 1)]
    told = analysed(packets(100, lambda n: [record(READ, XMIT + 4, DIRECT + 0x103c, 8)]), 100)
    assert told["names"]["pages"]["touched"] == 200


@test
def what_streams_is_new_in_long_windows_too():
    told = analysed(packets(128, lambda n: [record(WRITE, XMIT + 4, DIRECT + 64 * n, 8)]), 128)
    row = told["names"]["pages"]
    assert (row["touched"], row["long"]) == (128, 128), row


@test
def copied_lines_are_apart():
    def body(_):
        yield record(READ, XMIT + 4, DIRECT, 8)
        yield record(COPY | READ, XMIT + 8, DIRECT, 8)
        yield record(COPY | WRITE, XMIT + 8, DIRECT + 0x100, 8)
    row = analysed(packets(100, body), 100)["names"]["pages"]
    assert (row["touched"], row["written"], row["copying"]) == (100, 0, 200), row


@test
def code_of_others_is_left_out():
    foreign = CODE + 0x9000
    def body(_):
        yield record(BLOCK, foreign, 1)
        yield record(WRITE, foreign, DIRECT, 8)
        yield record(READ, OTHER + 4, DIRECT + 0x40, 8)
    told = analysed(packets(100, body), 100)
    assert told["names"]["pages"]["touched"] == 100 and not told["names"]["pages"]["written"]


@test
def a_packet_begins_where_the_driver_is_entered():
    def body(_):
        yield record(BLOCK, XMIT + 0x20, 1)             # an interrupt, and back
        yield record(BLOCK, POLL, 0)                    # its own call
        yield record(READ, POLL + 4, DIRECT, 8)
    assert analysed(packets(100, body), 100)["milestone"] == ["enters", "xmit"]


@test
def a_packet_begins_where_the_core_is_called():
    def trace():
        for n in range(100):
            if n % 50 == 0:
                yield record(BLOCK, POLL, 1)
            yield record(CALL, POLL + 8, OTHER)         # the bus is no part of the core
            yield record(CALL, POLL + 8, CORE + 0x10)
            yield record(READ, POLL + 12, DIRECT, 8)
    assert analysed(trace(), 100)["milestone"] == ["calls", CORE + 0x10]


@test
def without_a_milestone_nothing_is_measured():
    assert analysed(packets(90, lambda n: []), 100) is None
    assert lines.milestone([], 100) is None


@test
def the_nearest_milestone_wins_and_the_first_of_equals():
    steps = [(0, name) for name in ["c"] * 101 + ["a"] * 100 + ["b"] * 100]
    assert lines.milestone(steps, 100) == "a"


@test
def another_module_calls_the_driver():
    def trace():
        for _ in range(100):
            yield record(BLOCK, OTHER, 1)
            yield record(BLOCK, XMIT, 0)
            yield record(READ, XMIT + 4, DIRECT, 8)
    assert analysed(trace(), 100)["milestone"] == ["enters", "xmit"]


@test
def the_drivers_own_calls_begin_no_packet():
    def body(_):
        yield record(BLOCK, POLL, 0)
        yield record(BLOCK, OTHER, 0)
        yield record(BLOCK, XMIT + 0x40, 0)
    trace = list(packets(100, body)) + [record(BLOCK, POLL, 0)] * 5
    assert analysed(trace, 100)["milestone"] == ["enters", "xmit"]
    assert analysed([record(BLOCK, XMIT + 8, 0)] + [record(BLOCK, POLL, 0)] * 100, 100) is None


@test
def each_cpu_has_windows_of_its_own():
    def trace():
        for n in range(100):
            yield record(BLOCK, XMIT, 1, cpu=0)
            yield record(BLOCK, XMIT, 1, cpu=1)
            yield record(READ, XMIT + 4, DIRECT, 8, cpu=0)
            yield record(READ, XMIT + 4, DIRECT, 8, cpu=1)
    told = analysed(trace(), 200)
    assert told["cpus"] == 2
    assert told["names"]["pages"]["touched"] == 200


def moved(accesses):
    """(moves, false ones) of [(cpu, byte, write)] on one line."""
    shared = lines.Sharing()
    for cpu, byte, write in accesses:
        shared.touch(cpu, 7, 1 << byte, write)
    shared.end()
    return tuple(shared.moves.get(7, (0, 0)))


@test
def reading_moves_nothing():
    assert moved([(0, 0, 0), (1, 0, 0), (0, 0, 0)]) == (0, 0)
    assert moved([(0, 0, 1), (0, 0, 1), (0, 8, 0)]) == (0, 0)


@test
def what_another_one_wrote_is_true_sharing():
    assert moved([(0, 0, 1), (1, 0, 0)]) == (1, 0)
    assert moved([(0, 0, 1), (1, 0, 1), (0, 0, 0)]) == (2, 0)


@test
def other_bytes_of_the_line_are_false_sharing():
    assert moved([(0, 0, 1), (1, 8, 0)]) == (1, 1)
    assert moved([(0, 0, 1), (1, 8, 1), (0, 0, 1), (1, 8, 1)]) == (3, 3)


@test
def a_line_that_is_used_later_is_true_sharing():
    assert moved([(0, 0, 1), (1, 8, 0), (1, 0, 0)]) == (1, 0)


@test
def all_that_others_wrote_counts():
    assert moved([(1, 4, 0), (0, 0, 1), (0, 8, 1), (1, 0, 0)]) == (1, 0)
    assert moved([(1, 4, 0), (0, 0, 1), (2, 8, 1), (1, 0, 0)]) == (2, 1)


@test
def what_was_seen_before_is_not_new():
    assert moved([(0, 0, 1), (1, 0, 0), (0, 8, 1), (1, 0, 0)]) == (2, 1)


@test
def a_line_moves_once_until_it_is_written_again():
    assert moved([(0, 0, 1), (1, 0, 0), (1, 0, 0), (1, 0, 0)]) == (1, 0)
    assert moved([(0, 0, 1), (1, 0, 0), (0, 0, 1), (1, 0, 0)]) == (2, 0)


@test
def lines_of_several_writers_are_counted():
    def trace():
        for _ in range(100):
            for cpu in (0, 1):
                yield record(BLOCK, XMIT, 1, cpu=cpu)
                yield record(WRITE, XMIT + 4, DIRECT + 8 * cpu, 8, cpu=cpu)
    row = analysed(trace(), 200)["names"]["pages"]
    assert (row["moves"], row["false"], row["several"], row["lines"]) == (199, 199, 1, 1), row


@test
def marks_divide_the_file():
    with tempfile.NamedTemporaryFile() as f:
        for row in (record(MARK, vaddr=4), record(READ, XMIT, DIRECT, 8), record(MARK, vaddr=5),
                    record(WRITE, XMIT, DIRECT, 8), record(MARK, vaddr=6)):
            f.write(lines.RECORD.pack(*row))
        f.write(b"half a record")
        f.flush()
        trace = lines.Trace(f.name)
        assert [r[3] for r in trace.between(4, 5)] == [READ]
        assert [r[3] for r in trace.between(4, 6)] == [READ, MARK, WRITE]


PAHOLE = """struct thing {
	struct list_head           node;                 /*     0    16 */
	union {
		void *             first;                /*    16     8 */
		long unsigned int  second[2];            /*    16    16 */
	};                                               /*    16    16 */
	void                       (*call)(struct thing *, int); /*    32     8 */
	long unsigned int          flags __attribute__((__aligned__(64))); /*    64     8 */

	/* size: 128, cachelines: 2, members: 4 */
};
"""


@test
def a_struct_is_read():
    size, offsets, spans = layout.fields(PAHOLE)
    assert size == 128
    assert offsets == {"node": 0, "first": 16, "second": 16, "call": 32, "flags": 64}, offsets
    assert linesmap.of_fields(spans, 64, 128) == ["flags"]
    assert linesmap.of_fields(spans, 0, 16) == ["node"]


@test
def memory_has_names():
    told = {"objects": {"thing": [[DIRECT + 0x2040, 128], [DIRECT + 0x9000, 128]], "slots[]": [[DIRECT + 0x3000, 256]]},
            "areas": [[0xffffc90000000000, 0xffffc90000005000, "hv_vmbus:ringbuffer"],
                      [0xffffc90000008000, 0xffffc9000000d000, "dup_task_struct"]],
            "caches": [["kmalloc-1k", 1024], ["skbuff_head_cache", 256]],
            "slabs": [[0x10, 2, 0], [0x20, 1, 1]],
            "percpu": [[0, "start"], [0x100, "softnet"]], "offsets": [0xffff88803fc00000],
            "data": {"hv_netvsc": [[CODE + 0x4040, "table"]]}}
    known = linesmap.Memory(told, {"thing": layout.fields(PAHOLE)[2], "sk_buff": [(0, 8, "next")]},
                            [(CODE + 0x4000, CODE + 0x5000, "hv_netvsc", ".data")])
    for addr, name in ((DIRECT + 0x2080, "thing+0x40 (flags)"), (DIRECT + 0x9000, "thing+0x0 (node first second call)"),
                       (DIRECT + 0x30c0, "slots[]"), (0xffffc90000001000, "area of hv_vmbus:ringbuffer"),
                       (0xffffc90000008f00, "stack"), (DIRECT + 0x11440, "kmalloc-1k+0x40"),
                       (DIRECT + 0x20100, "sk_buff+0x0 (next)"), (0xffff88803fc00140, "per CPU: softnet"),
                       (CODE + 0x4040, "hv_netvsc:table"), (CODE + 0x4000, "hv_netvsc:.data"),
                       (0xffffea0000000040, "struct page"), (DIRECT + 0x50000, "pages"), (0x1000, "elsewhere"),
                       (0xffffc90000005000, "elsewhere"), (DIRECT + 0x20ff8 + 8, "pages")):
        assert known.name(addr) == name, (hex(addr), known.name(addr), name)


@test
def symbols_are_told_by_whose_they_are():
    text = ("0000000000000000 A start\n0000000000000100 D softnet\nffffffff81000000 T _text\nffffffff82000000 D init_net\n"
            "ffffffff82000040 d init_net_x\nffffffffc0004000 d table\t[hv_netvsc]\nffffffffc0000000 t poll\t[hv_netvsc]\n"
            "ffffffffc0008000 b bus\t[hv_vmbus]\nffffffffc000a000 d more\t[pktgen]\n")
    modules, percpu, core = memmap.symbols(text, ("init_net",))
    assert modules == {"hv_netvsc": [[0xffffffffc0004000, "table"]], "hv_vmbus": [[0xffffffffc0008000, "bus"]]}, modules
    assert percpu == [[0, "start"], [0x100, "softnet"]], percpu
    assert core == {"init_net": 0xffffffff82000000}, core


class MadeUpCore(memmap.Core):
    """A kernel's memory of a few words, zeros between them."""

    def __init__(self, words):      # pylint: disable=super-init-not-called
        self.bytes = {}
        for addr, value in words.items():
            data = value if isinstance(value, bytes) else value.to_bytes(8, "little")
            self.bytes.update({addr + n: byte for n, byte in enumerate(data)})

    def read(self, addr, length):
        return bytes(self.bytes.get(addr + n, 0) for n in range(length))


@test
def objects_are_found_from_the_interface_on():
    net, dev, other, things = DIRECT + 0x1000, DIRECT + 0x2000, DIRECT + 0x3000, DIRECT + 0x4000
    words = {net + 8: dev + 16, dev + 16: other + 16, other + 16: net + 8, dev + 32: b"eth0", other + 32: b"lo",
             dev + 64: things + 24, things: 3, things + 8: DIRECT + 0x5000, DIRECT + 0x5000: DIRECT + 0x6000,
             DIRECT + 0x5008: 0, DIRECT + 0x5010: DIRECT + 0x7000, dev + 72: dev + 72}
    told = {"net.dev_base_head": 8, "net_device.dev_list": 16, "net_device.name": 32, "sizeof net_device": 128, "walk": [
        {"name": "private", "from": "net_device", "how": "inside", "offset": 128, "size": 64},
        {"name": "thing", "from": "net_device", "how": "pointer", "offset": 64, "back": 24, "size": 32},
        {"name": "list", "from": "net_device", "how": "list", "offset": 72, "node": 0, "size": 32},
        {"name": "array[]", "from": "thing", "how": "pointer", "offset": 8, "size": 16, "times": 0, "per": 2},
        {"name": "page", "from": "array[]", "how": "pointer", "offset": 0, "size": 4096, "all": 1}]}
    found = memmap.Walk(MadeUpCore(words), told, {"init_net": net}).found
    assert found["net_device"] == [[dev, 128]] and found["private"] == [[dev + 128, 64]], found
    assert found["thing"] == [[things, 32]] and found["list"] == [], found
    assert found["array[]"] == [[DIRECT + 0x5000, 24]], found
    assert found["page"] == [[DIRECT + 0x6000, 4096], [DIRECT + 0x7000, 4096]], found


def figures(name, touched, moves=0.0, cpus=1):
    row = rows.BY_NAME[name]
    one = dict.fromkeys(linesreport.KEYS, 0) | {"touched": touched * 100, "moves": moves * 100, "several": 0,
                                                "lines": 1, "by": {"xmit": 1}}
    rep = {"count": 100, "lines": {"names": {"netvsc_queue+0x0": one}, "milestone": ["enters", "xmit"],
                                   "cpus": cpus, "unknown": 0.0}}
    return linesreport.merged(row, [rep])


@test
def the_gate_is_on_lines_touched():
    pair = {"ours": figures("T1", 7), "stock": figures("T1", 10)}
    gate, = linesreport.lines_gates({"T1": pair}, "k")
    assert abs(gate.got - 0.7) < 1e-9 and gate.good()
    gate, = linesreport.lines_gates({"T1": {"ours": figures("T1", 7.1), "stock": figures("T1", 10)}}, "k")
    assert not gate.good()
    gate, = linesreport.lines_gates({"T1": {"ours": figures("T1", 7)}}, "k")
    assert gate.got is None and not gate.good()


@test
def the_drivers_own_lines_may_not_move():
    for moves, good in ((0.0, True), (0.03, True), (0.04, False)):
        pair = {"ours": figures("T4/8", 5, moves, 8)}
        gate, = linesreport.lines_gates({"T4/8": pair}, "k")
        assert gate.good() == good, (moves, gate.got)


@test
def tables_print():
    results = {"T1": {"ours": figures("T1", 7), "stock": figures("T1", 10)}, "T4/8": {"ours": figures("T4/8", 5, 1, 8)}}
    text = "\n".join(linesreport.lines_table(results, "k"))
    assert "10.00 / 7.00 = 0.70" in text and "- / 5.00" in text, text
    text = "\n".join(linesreport.worst("T4/8", results["T4/8"]["ours"], "ours"))
    assert "netvsc_queue+0x0: xmit 100%" in text and "8 CPUs" in text, text


sys.exit(points.run(TESTS))
