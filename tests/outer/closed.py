# SPDX-License-Identifier: GPL-2.0
"""
A closed outer guest, for counting instructions.

Everything it needs lies in its memory before the first instruction: the images
as persistent memory (/dev/pmem0, 1, ...), the job in its initramfs. Its clock is
the number of instructions (and leaps over idle time), its random numbers and its
wall clock start from the same values, and it has no device but a serial port, on
which it tells how the job went when that is over. So the same workload takes the
same way. The CPU time of hvhost, in which the guest's time is contained and its
idling is not, is then a count of instructions.
"""
import base64
import json
import os
import time

import images
import outer

MIB = 1 << 20
SHIFT = 1               # -icount: an instruction takes 2^SHIFT ns
NS_PER_INSTRUCTION = 1 << SHIFT
FIRST = 512 * MIB       # where the images begin; the kernel lies below


class ClosedSpec(outer.Spec):
    """An outer guest with files = {name: path} in memory and the job to run."""

    plugin = None           # QEMU's -plugin, if one shall count

    def place(self, root, files, job):
        """Decides the addresses and writes the initramfs with the job."""
        self.loads = []
        job = dict(job, files={})
        at = FIRST
        for n, (name, path) in enumerate([("", root), *sorted(files.items())]):
            size = -(-os.path.getsize(path) // (2 * MIB)) * 2 * MIB
            self.loads.append((path, at, size))
            at += size
            if name:
                job["files"][name] = {"from": "memory", "path": "/dev/pmem%d" % n,
                                      "key": os.path.getsize(path)}
        if at > (self.memory - 512) * MIB:
            raise outer.OuterError("the images do not fit: set HVNETVSC_OUTER_MEM")
        cpio = images.Cpio()
        cpio.file("agent/job.json", json.dumps(job).encode())
        own = os.path.join(self.run_dir, job["outputs"] + ".initrd")
        with open(self.initrd, "rb") as f:
            images.write(own, f.read() + cpio.bytes())
        self.initrd = own

    def qemu_argv(self):
        maps = " ".join("memmap=%dM!%dM" % (size // MIB, at // MIB) for _, at, size in self.loads)
        argv = self.machine("agent.closed=1 kvm.halt_poll_ns=0 " + maps)
        argv += ["-serial", "file:agent.out", "-accel", "tcg,thread=single,tb-size=512", "-icount", "shift=%d,sleep=off" % SHIFT,
                 "-seed", "1", "-rtc", "base=2026-01-01T00:00:00,clock=vm"]
        for path, at, _ in self.loads:
            argv += ["-device", "loader,addr=%#x,force-raw=on,file=%s" % (at, path.replace(",", ",,"))]
        if self.plugin:
            argv += ["-plugin", self.plugin]
        return argv


def take(message, emit, outputs):
    """One message of the agent. Return: its end message, or None."""
    for kind in ("out", "err", "console"):
        if kind in message:
            emit(kind, base64.b64decode(message[kind]))
    if "file" in message:
        path = os.path.join(outputs, os.path.normpath("/" + message["file"]).lstrip("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        images.write(path, base64.b64decode(message["data"]))
    return message.get("end")


def run(spec, outputs, emit, tick):
    """Starts the machine, waits for its job to end. Return: the agent's end message."""
    slot = outer.Slot(os.path.join(spec.cache, "outer"), "icount-%d" % os.getpid())
    slot.try_lock()
    progress = outer.Progress("counting instructions in a private outer guest")
    end = {"status": -9, "stopped": True}
    try:
        slot.start(spec)
        while slot.pid() and not tick():
            progress.tick()
            time.sleep(0.1)
        for line in slot.read("agent.out").splitlines():
            end = take(json.loads(line), emit, outputs) or end
        if end["stopped"] and not slot.pid():
            raise outer.OuterError("the private outer guest ended without a word: "
                                   + slot.read("console.log")[-500:])
        return end
    finally:
        slot.kill()
        for name in os.listdir(slot.dir):
            os.unlink(slot.path(name))
        os.rmdir(slot.dir)
        slot.unlock()
