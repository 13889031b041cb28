# SPDX-License-Identifier: GPL-2.0
"""
The outer guests: Linux under QEMU's emulation with SVM, in which hvhost finds a
KVM to run on.

There are up to HVNETVSC_OUTERS (2) of them, each a folder cache/outer/<slot>:

    lock        held (flock) by whoever uses or changes the slot
    key         what the running one was made of; another key means restart
    pid         "pid starttime" of its QEMU
    agent.sock  the agent's serial port        console.log, qemu.log

An outer guest stays for the next run and ends itself when idle. One CPU each:
several CPUs under multi-threaded emulation were seen to fail.
"""
import base64
import errno
import fcntl
import hashlib
import json
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BOOT_SECONDS = 360
# XSETBV of a nested guest does not reach KVM under this emulation, so guests
# must not see XSAVE and what builds on it.
CPU = "EPYC,+svm,+npt,-xsave,-xsaveopt,-xsavec,-xgetbv1,-avx,-avx2,-f16c,-fma"
CMDLINE = ("console=ttyS0 quiet panic=-1 nokaslr mitigations=off tsc=reliable "
           "nohz=off highres=off apparmor=0 audit=0 nowatchdog rdinit=/init")


class OuterError(Exception):
    """No outer guest can be had, or it went away."""


class Progress:
    """Says on stderr what takes longer than two seconds."""

    def __init__(self, what):
        self.what = what
        self.start = time.monotonic()
        self.next = self.start + 2

    def tick(self):
        now = time.monotonic()
        if now >= self.next:
            self.next = now + 10
            print("vm: %s ... %d s" % (self.what, now - self.start), file=sys.stderr, flush=True)

    def seconds(self):
        return time.monotonic() - self.start


def start_time(pid):
    """Start time of a process in clock ticks, None when there is none (or a zombie)."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            rest = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return None if rest[0] in "ZX" else rest[19]


def prefer(pid):
    """
    More of the processors for this session, as far as that is allowed. A guest whose processor
    is shared spends what is left of it on its ticks; what does not tick can wait. Sessions
    share by the nice value of their group, that of a process counts within its own only.
    """
    try:
        with open("/proc/%d/autogroup" % pid, "w") as f:
            f.write("-5")
    except OSError:
        pass


def file_key(path):
    """Another one whenever the file is another one."""
    st = os.stat(path)
    return "%d-%d-%d" % (st.st_size, st.st_mtime_ns, st.st_ino)


def serial(name, key):
    """Serial number of the disk that is this file of the cache; the agent knows it by that."""
    return hashlib.sha256(("%s %s" % (name, key)).encode()).hexdigest()[:20]


class Link:
    """One talk with an agent."""

    def __init__(self, directory):
        self.sock = socket.socket(socket.AF_UNIX)
        self.buffer = b""
        # The path may be longer than a socket address can be.
        fd = os.open(directory, os.O_PATH)
        try:
            self.sock.connect("/proc/self/fd/%d/agent.sock" % fd)
        finally:
            os.close(fd)

    def close(self):
        self.sock.close()

    def fileno(self):
        return self.sock.fileno()

    def send(self, message):
        self.sock.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, seconds):
        """Messages that come within the time; OuterError when the machine is gone."""
        if not select.select([self.sock], [], [], seconds)[0]:
            return []
        data = self.sock.recv(262144)
        if not data:
            raise OuterError("the outer guest went away")
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b"\n")
        found = []
        for line in lines:
            try:
                found.append(json.loads(line))
            except ValueError:
                pass
        return found

    def hello(self, seconds):
        """True when the agent answers. What an earlier talk left over is dropped."""
        nonce = secrets.token_hex(8)
        self.send({"hello": nonce})
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if {"hello": nonce} in self.receive(0.2):
                return True
        return False


class Slot:
    """One outer guest, running or not. Only used with its lock held."""

    def __init__(self, top, name):
        self.dir = os.path.join(top, name)
        os.makedirs(self.dir, exist_ok=True)
        self.lock = None

    def path(self, name):
        return os.path.join(self.dir, name)

    def try_lock(self):
        f = open(self.path("lock"), "w")
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            f.close()
            return False
        self.lock = f
        return True

    def unlock(self):
        if self.lock:
            self.lock.close()
            self.lock = None

    def read(self, name):
        try:
            with open(self.path(name)) as f:
                return f.read().strip()
        except OSError:
            return ""

    def write(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text + "\n")

    def pid(self):
        """Pid of the running QEMU or None; never of another process."""
        words = self.read("pid").split()
        if len(words) == 2 and start_time(int(words[0])) == words[1]:
            return int(words[0])
        return None

    def kill(self):
        pid = self.pid()
        if pid:
            for sig, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
                try:
                    os.kill(pid, sig)
                except OSError:
                    break
                end = time.monotonic() + patience
                while start_time(pid) and time.monotonic() < end:
                    time.sleep(0.02)
                if not start_time(pid):
                    break
        for name in ("pid", "key", "agent.sock"):
            try:
                os.unlink(self.path(name))
            except OSError:
                pass

    def start(self, spec):
        """Starts QEMU; does not wait for the agent."""
        self.kill()
        os.makedirs(spec.run_dir, exist_ok=True)
        with open(self.path("qemu.log"), "w") as log:
            try:
                process = subprocess.Popen(spec.qemu_argv(), cwd=self.dir, stdin=subprocess.DEVNULL,
                                           stdout=log, stderr=log, start_new_session=True)
            except OSError as err:
                raise OuterError("qemu-system-x86_64: %s (run tests/setup)" % err.strerror) from err
        prefer(process.pid)
        self.write("pid", "%d %s" % (process.pid, start_time(process.pid)))
        self.write("key", spec.key)

    def connect(self, seconds):
        """A link to the agent, or None when it does not answer in time."""
        try:
            link = Link(self.dir)
        except OSError:
            return None
        try:
            if link.hello(seconds):
                return link
        except (OSError, OuterError):
            pass
        link.close()
        return None

    def wait_agent(self):
        progress = Progress("starting the outer guest")
        while progress.seconds() < BOOT_SECONDS:
            if not self.pid():
                tail = self.read("qemu.log") or self.read("console.log")[-500:]
                raise OuterError("the outer guest ended while starting: " + (tail or "no message"))
            link = self.connect(0.5)
            if link:
                self.write("boot", "%.1f" % progress.seconds())
                return link
            progress.tick()
            time.sleep(0.1)
        raise OuterError("the outer guest did not start within %d s: see %s"
                         % (BOOT_SECONDS, self.path("console.log")))


class Spec:
    """
    What an outer guest is made of. disks: files of the cache that guests will want;
    a virtio disk is read several times faster than the share.
    """

    def __init__(self, cache, kernel_dir, initrd, identity, disks=()):
        self.cache = cache
        self.disks = disks
        self.run_dir = os.path.join(cache, "run")
        self.vmlinux = os.path.join(kernel_dir, "vmlinux")
        self.initrd = initrd
        self.memory = int(os.environ.get("HVNETVSC_OUTER_MEM", "2500"))
        self.idle = int(os.environ.get("HVNETVSC_OUTER_IDLE", "120"))
        self.key = "%s mem=%d cpu=%s" % (identity, self.memory, CPU)

    def machine(self, append):
        """The part of the command line that every outer guest has."""
        return ["qemu-system-x86_64", "-machine", "pc", "-cpu", CPU, "-smp", "1",
                "-m", str(self.memory), "-nodefaults", "-no-user-config", "-display", "none",
                "-no-reboot", "-serial", "file:console.log",
                "-kernel", self.vmlinux, "-initrd", self.initrd,
                "-append", "%s %s" % (CMDLINE, append)]

    @staticmethod
    def share(tag, path, mode=""):
        return ["-fsdev", "local,id=%s,path=%s,security_model=none,multidevs=remap%s"
                % (tag, path.replace(",", ",,"), mode),
                "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s" % (tag, tag)]

    def qemu_argv(self):
        argv = self.machine("agent.idle=%d" % self.idle)
        argv += ["-accel", "tcg,thread=multi,tb-size=512", "-device", "virtio-serial-pci",
                 "-chardev", "socket,id=agent,path=agent.sock,server=on,wait=off",
                 "-device", "virtserialport,chardev=agent,name=agent"]
        for n, path in enumerate([os.path.join(self.cache, "image/root.erofs"), *self.disks]):
            argv += ["-drive", "if=none,id=d%d,format=raw,readonly=on,file.locking=off,file=%s"
                     % (n, path.replace(",", ",,")),
                     "-device", "virtio-blk-pci,drive=d%d,serial=%s"
                     % (n, serial(os.path.relpath(path, self.cache), file_key(path)))]
        argv += self.share("cache", self.cache, ",readonly=on")
        return argv + self.share("run", self.run_dir)


def slots(cache):
    count = max(1, int(os.environ.get("HVNETVSC_OUTERS", "2")))
    top = os.path.join(cache, "outer")
    return [Slot(top, str(n)) for n in range(count)]


def acquire(cache, spec):
    """A locked slot; running ones of the right make first, then empty ones, then others."""
    progress = Progress("waiting for a free outer guest")
    while True:
        free = [s for s in slots(cache) if s.try_lock()]
        if free:
            free.sort(key=lambda s: (2 if s.pid() and s.read("key") != spec.key
                                     else 0 if s.pid() else 1))
            for other in free[1:]:
                other.unlock()
            return free[0]
        progress.tick()
        time.sleep(0.2)


class Outer:
    """An outer guest in use. A context manager: leaving it frees the slot."""

    def __init__(self, cache, spec):
        self.cache = cache
        self.spec = spec
        self.slot = None
        self.link = None
        self.boot_seconds = 0

    def __enter__(self):
        self.slot = acquire(self.cache, self.spec)
        try:
            if self.slot.pid() and self.slot.read("key") == self.spec.key:
                self.link = self.slot.connect(10)
            if not self.link:
                self.slot.start(self.spec)
                self.link = self.slot.wait_agent()
                self.boot_seconds = float(self.slot.read("boot"))
        except BaseException:
            self.slot.kill()
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.link:
            self.link.close()
            self.link = None
        self.slot.unlock()

    def run(self, job, emit, tick, stdin=None):
        """
        Runs a job to its end. emit(kind, bytes) gets its output; tick() is called
        often and returns True to stop the job. Return: the agent's end message.
        """
        self.link.send({"job": job})
        stop_at = None
        try:
            while True:
                if stdin is not None and select.select([stdin], [], [], 0)[0]:
                    data = os.read(stdin, 4096)
                    self.link.send({"stdin": base64.b64encode(data).decode()})
                for message in self.link.receive(0.05 if stdin is not None else 0.2):
                    if "end" in message:
                        return message["end"]
                    for kind in ("out", "err", "console"):
                        if kind in message:
                            emit(kind, base64.b64decode(message[kind]))
                if stop_at is None and tick():
                    stop_at = time.monotonic()
                    self.link.send({"stop": 1})
                if stop_at and time.monotonic() > stop_at + 20:
                    raise OuterError("the outer guest does not react")
        except (OSError, OuterError) as err:
            self.slot.kill()
            raise OuterError(str(err)) from err


def stop_all(cache):
    """Ends every outer guest that nobody uses. Return: number of those still in use."""
    top = os.path.join(cache, "outer")
    busy = 0
    try:
        names = os.listdir(top)
    except OSError as err:
        if err.errno == errno.ENOENT:
            return 0
        raise
    for name in names:
        slot = Slot(top, name)
        if slot.try_lock():
            slot.kill()
            slot.unlock()
        else:
            busy += 1
    return busy
