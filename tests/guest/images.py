# SPDX-License-Identifier: GPL-2.0
"""
Images that guests boot from, made out of the cached kernels.

For each kernel directory (vmlinux, release, lib/modules/<release>):

    guest/initrd.cpio     static init and the modules it needs for its root
    guest/modules.erofs   the modules a test may load, with their tables
    guest/outer.cpio      the same for the outer guest (only of its kernel)

They are made once, beside the kernel, keyed by their inputs. A job (driver,
command, control program) is a small cpio of its own that the kernel unpacks
behind the first.
"""
import fcntl
import hashlib
import lzma
import os
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUTER = os.path.join(os.path.dirname(HERE), "outer")

# What the guest's init loads before it has a root, in this order.
BOOT_MODULES = ("crc32c_generic", "libcrc32c", "libnvdimm", "nd_btt", "nd_pmem", "nd_e820",
                "erofs", "overlay")
# The same for the outer guest, plus what hvhost needs there.
OUTER_MODULES = ("crc32c_generic", "libcrc32c", "virtio_pci", "virtio_blk", "virtio_console",
                 "libnvdimm", "nd_btt", "nd_pmem", "nd_e820", "erofs", "overlay", "9pnet_virtio",
                 "9p", "kvm-amd", "tun")
# What goes into modules.erofs: whole directories below kernel/, and names.
MODULE_DIRS = ("drivers/hv", "drivers/net/hyperv", "drivers/net/bonding", "drivers/net/team",
               "drivers/net/vxlan", "drivers/net/ipvlan", "drivers/virtio", "drivers/uio",
               "net/core", "net/ipv4", "net/ipv6", "net/netfilter", "net/sched", "net/bridge",
               "net/8021q", "net/llc", "net/802", "net/xdp", "net/packet", "net/unix", "net/tls",
               "net/vmw_vsock", "lib", "arch/x86/crypto", "crypto", "fs/nls")
MODULE_NAMES = ("veth", "tun", "dummy", "macvlan", "macvtap", "ifb", "geneve", "virtio_net",
                "failover", "net_failover", "netconsole", "pci-hyperv", "pci-hyperv-intf",
                "ixgbevf", "pktgen", "kunit", "overlay", "nlmon", "vrf", "act_mirred", "cls_bpf")


class ImageError(Exception):
    """Something needed for an image is missing or a tool failed."""


def run(argv, **kwargs):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, check=False, **kwargs)
    except OSError as err:
        raise ImageError("%s: %s (run tests/setup)" % (argv[0], err.strerror)) from err
    if done.returncode:
        text = done.stdout.decode("utf-8", "replace").strip().splitlines()
        raise ImageError("%s failed: %s" % (os.path.basename(argv[0]), text[-1] if text else "?"))
    return done.stdout


def tool(name):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    if not found:
        raise ImageError("%s is not installed: run tests/setup" % name)
    return found


class Cpio:
    """Writer of the "newc" archives that the kernel takes as initramfs."""

    def __init__(self):
        self.parts = []
        self.inode = 1
        self.dirs = set()

    def _entry(self, name, mode, data=b"", rdev=(0, 0)):
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(raw), 0)
        self.inode += 1
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + raw
        self.parts.append(head + b"\0" * (-len(head) % 4))
        self.parts.append(data + b"\0" * (-len(data) % 4))

    def directory(self, name):
        for i, char in enumerate(name + "/"):
            if char == "/" and name[:i] not in self.dirs:
                self.dirs.add(name[:i])
                self._entry(name[:i], 0o040755)

    def file(self, name, data, mode=0o644):
        if "/" in name:
            self.directory(name.rsplit("/", 1)[0])
        self._entry(name, 0o100000 | mode, data)

    def device(self, name, major, minor):
        self._entry(name, 0o020600, rdev=(major, minor))

    def bytes(self):
        self._entry("TRAILER!!!", 0)
        body = b"".join(self.parts)
        return body + b"\0" * (-len(body) % 512)


def read_module(path):
    with open(path, "rb") as f:
        data = f.read()
    return lzma.decompress(data) if path.endswith(".xz") else data


def module_name(path):
    base = os.path.basename(path)
    return base.split(".ko")[0].replace("_", "-")


class Modules:
    """The module tree of one kernel and what depends on what."""

    def __init__(self, kernel_dir):
        with open(os.path.join(kernel_dir, "release")) as f:
            self.release = f.read().strip()
        self.top = os.path.join(kernel_dir, "lib/modules", self.release)
        self.deps = {}
        self.by_name = {}
        try:
            with open(os.path.join(self.top, "modules.dep")) as f:
                for line in f:
                    path, needs = line.rstrip("\n").split(":", 1)
                    self.deps[path] = needs.split()
                    self.by_name[module_name(path)] = path
        except OSError as err:
            raise ImageError("%s has no module tables: %s" % (kernel_dir, err.strerror)) from err

    def closure(self, names):
        """Paths of modules and all they need, in loading order. Built-in ones are left out."""
        order = []

        def visit(path):
            for need in reversed(self.deps[path]):
                visit(need)
            if path not in order:
                order.append(path)

        for name in names:
            path = self.by_name.get(name.replace("_", "-"))
            if path:
                visit(path)
        return order

    def read(self, path):
        return read_module(os.path.join(self.top, path))


def digest(*paths, extra=""):
    h = hashlib.sha256(extra.encode())
    for path in paths:
        with open(path, "rb") as f:
            h.update(f.read())
    return h.hexdigest()[:24]


def kernel_key(kernel_dir):
    """Changes whenever the cached kernel is another one."""
    stamp = os.path.join(kernel_dir, "stamp")
    vmlinux = os.stat(os.path.join(kernel_dir, "vmlinux"))
    key = "%d" % vmlinux.st_size
    if os.path.exists(stamp):
        with open(stamp) as f:
            key += f.read()
    else:
        key += " %d" % vmlinux.st_mtime_ns
    return key


def compile_static(output, sources):
    compiler = shutil.which("gcc") or shutil.which("gcc-12") or "gcc"
    run([compiler, "-Os", "-Wall", "-Wextra", "-static", "-s", "-o", output, *sources])


def initrd(modules, names, sources, extra=()):
    """An initramfs with a static init and the modules it loads by itself."""
    cpio = Cpio()
    for d in ("dev", "proc", "sys", "run", "job"):
        cpio.directory(d)
    cpio.device("dev/console", 5, 1)
    with tempfile.TemporaryDirectory() as tmp:
        compile_static(os.path.join(tmp, "init"), sources)
        with open(os.path.join(tmp, "init"), "rb") as f:
            cpio.file("init", f.read(), 0o755)
    listing = ""
    for path in modules.closure(names):
        where = "modules.d/" + os.path.basename(path).replace(".xz", "")
        cpio.file(where, modules.read(path))
        listing += "/" + where + "\n"
    cpio.file("modules", listing.encode())
    for name, path in extra:
        with open(path, "rb") as f:
            cpio.file(name, f.read(), 0o755)
    return cpio.bytes()


def make_erofs(output, directory):
    """An uncompressed file system image of a directory; the same bytes for the same input."""
    run([tool("mkfs.erofs"), "--quiet", "-T0", "-U", "6e657476-7363-4000-8000-000000000002",
         "--all-root", "-x-1", output, directory])


def modules_image(modules, output):
    with tempfile.TemporaryDirectory(dir=os.path.dirname(output)) as tmp:
        top = os.path.join(tmp, "lib/modules", modules.release)
        wanted = [p for p in modules.deps
                  if any(p.startswith("kernel/" + d + "/") for d in MODULE_DIRS)]
        names = [module_name(p) for p in wanted] + list(MODULE_NAMES)
        for path in modules.closure(names):
            target = os.path.join(top, path.replace(".xz", ""))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "wb") as f:
                f.write(modules.read(path))
        os.makedirs(top, exist_ok=True)
        for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
            if os.path.exists(os.path.join(modules.top, name)):
                shutil.copy(os.path.join(modules.top, name), top)
        run([tool("depmod"), "-b", tmp, modules.release])
        make_erofs(output, os.path.join(tmp, "lib/modules"))


class Locked:
    """One builder at a time; the others wait and then find the result."""

    def __init__(self, path):
        self.path = path
        self.file = None

    def __enter__(self):
        self.file = open(self.path, "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def ensure(kernel_dir, name, key, build):
    """Path of kernel_dir/guest/NAME, built by build(tmp path) unless it is there with this key."""
    top = os.path.join(kernel_dir, "guest")
    path = os.path.join(top, name)
    key_path = path + ".key"

    def good():
        try:
            with open(key_path) as f:
                words = f.read().split()
            return words == [key, str(os.path.getsize(path))]
        except OSError:
            return False

    if good():
        return path
    os.makedirs(top, exist_ok=True)
    with Locked(os.path.join(top, ".lock")):
        if good():
            return path
        tmp = path + ".tmp"
        build(tmp)
        size = os.path.getsize(tmp)
        os.rename(tmp, path)
        with open(key_path + ".tmp", "w") as f:
            f.write("%s %d\n" % (key, size))
        os.rename(key_path + ".tmp", key_path)
    return path


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def guest_initrd(kernel_dir):
    sources = [os.path.join(HERE, "init.c"), os.path.join(HERE, "boot.c")]
    key = digest(__file__, os.path.join(HERE, "boot.h"), *sources, extra=kernel_key(kernel_dir))
    return ensure(kernel_dir, "initrd.cpio", key, lambda tmp: write(
        tmp, initrd(Modules(kernel_dir), BOOT_MODULES, sources)))


def guest_modules(kernel_dir):
    key = digest(__file__, extra=kernel_key(kernel_dir))
    return ensure(kernel_dir, "modules.erofs", key,
                  lambda tmp: modules_image(Modules(kernel_dir), tmp))


def outer_initrd(kernel_dir):
    sources = [os.path.join(OUTER, "init.c"), os.path.join(HERE, "boot.c")]
    agent = [("agent/" + n, os.path.join(OUTER, n)) for n in ("agent.py", "runner.py")]
    key = digest(__file__, os.path.join(HERE, "boot.h"), *sources, *[p for _, p in agent],
                 extra=kernel_key(kernel_dir))
    return ensure(kernel_dir, "outer.cpio", key, lambda tmp: write(
        tmp, initrd(Modules(kernel_dir), OUTER_MODULES, sources, agent)))
