#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Guest side of the kexec test: start the same kernel again from inside the guest.

Before: check that eth0 carries packets, load /mnt/share/bzImage with the initramfs this guest was
started from and jump into it. After: the init runs this program again, the new kernel's hv_vmbus
has to connect to a host that was left without a word, and eth0 has to carry packets again.
"""
import ctypes
import os
import subprocess
import sys

sys.path.insert(0, "/mnt/share")
import images

PEER = "192.168.77.1"
SECOND = "kexec_second=1"
SYS_KEXEC_FILE_LOAD = 320
REBOOT_KEXEC = 0x45584543


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def reach_peer():
    run("ip", "link", "set", "eth0", "up")
    run("ip", "addr", "add", "192.168.77.10/24", "dev", "eth0")
    run("ping", "-c", "3", "-W", "10", PEER)


def initramfs(path):
    """What this guest got: the common part, and this run's job behind it."""
    job = images.Cpio()
    for name in sorted(os.listdir("/run/job")):
        with open("/run/job/" + name, "rb") as f:
            job.file("job/" + name, f.read(), os.fstat(f.fileno()).st_mode & 0o777)
    with open("/mnt/share/initrd", "rb") as f, open(path, "wb") as to:
        to.write(f.read() + job.bytes())


def jump(cmdline):
    libc = ctypes.CDLL(None, use_errno=True)
    initramfs("/dev/shm/initrd")
    kernel = os.open("/mnt/share/bzImage", os.O_RDONLY)
    initrd = os.open("/dev/shm/initrd", os.O_RDONLY)
    words = (cmdline + " " + SECOND).encode() + b"\0"
    if libc.syscall(SYS_KEXEC_FILE_LOAD, kernel, initrd, len(words), words, 0):
        sys.exit("kexec_file_load: " + os.strerror(ctypes.get_errno()))
    print("jumping", flush=True)
    libc.reboot(REBOOT_KEXEC)
    sys.exit("the jump failed: " + os.strerror(ctypes.get_errno()))


def main():
    with open("/proc/cmdline", encoding="ascii") as f:
        cmdline = f.read().strip()
    reach_peer()
    if SECOND in cmdline:
        print("the second kernel's eth0 carries packets")
    else:
        jump(cmdline)


main()
