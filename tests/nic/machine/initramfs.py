"""The guest's only file system: busybox, kernel modules, our programs with their libraries, files of the test."""

import glob
import os
import pathlib
import shutil
import subprocess

from lib.scenario import CannotRun

# In the order in which they are loaded: a module after what it needs.
MODULES = ("irqbypass", "vfio_virqfd", "vfio", "vfio_iommu_type1", "vfio-pci-core", "vfio-pci", "tun")

# What DPDK loads at run time. Each driver that it need not look at saves the guest time.
DRIVERS = ("bus_pci", "bus_vdev", "mempool_ring", "net_e1000", "net_virtio", "net_vmxnet3")
_DRIVER_FOLDERS = "/usr/lib/*/dpdk/pmds-*"

_BUSYBOX = "/bin/busybox"


class Initramfs:
    """A folder that becomes one. Files keep the paths they have here; symbolic links stay links, because DPDK's
    drivers are found by two paths each and must not be loaded twice."""

    def __init__(self, folder):
        self._root = folder / "root"
        self._image = folder / "initramfs"
        self._copied = set()
        for name in ("bin", "dev", "proc", "sys", "tmp", "run", "etc", "var/run", "modules", "lib64"):
            (self._root / name).mkdir(parents=True)
        shutil.copy(_BUSYBOX, self._root / "bin/busybox")
        self.write("etc/passwd", "root:x:0:0::/:/bin/sh\nunderstudy:x:100:100::/:/bin/sh\n")
        self.write("etc/group", "root:x:0:\nunderstudy:x:100:\n")

    def write(self, path, text, mode=0o644):
        """A file of the guest, given by its path without the first slash."""
        file = self._root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def add_modules(self, kernel):
        for name in MODULES:
            shutil.copy(kernel.module(name), self._root / "modules")

    def add_program(self, program):
        """Into /bin, with the libraries that it is linked to."""
        shutil.copy(program, self._root / "bin")
        self._add_libraries(program)

    def add_drivers(self):
        folders = glob.glob(_DRIVER_FOLDERS)
        if not folders:
            raise CannotRun(f"no DPDK drivers in {_DRIVER_FOLDERS}")
        for name in DRIVERS:
            for file in glob.glob(f"{folders[0]}/librte_{name}.so.*"):
                self._copy(pathlib.Path(file))
                self._add_libraries(file)

    def pack(self):
        """Returns the image; uncompressed, which software emulation reads faster."""
        files = "".join(f"{path.relative_to(self._root)}\n" for path in sorted(self._root.rglob("*")))
        with open(self._image, "wb") as image:
            subprocess.run([_BUSYBOX, "cpio", "-o", "-H", "newc"], input=files.encode(), cwd=self._root, check=True,
                           stdout=image, stderr=subprocess.DEVNULL)
        return self._image

    def _add_libraries(self, program):
        shown = subprocess.run(["ldd", program], check=True, text=True, stdout=subprocess.PIPE).stdout
        for line in shown.splitlines():
            for word in line.split():
                if word.startswith("/"):
                    self._copy(pathlib.Path(word))

    def _copy(self, path):
        """A file, or a symbolic link and what it leads to."""
        path = path.parent.resolve() / path.name
        if path in self._copied:
            return
        self._copied.add(path)
        here = self._root / path.relative_to("/")
        here.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            here.symlink_to(os.readlink(path))
            self._copy(path.parent / os.readlink(path))
        else:
            shutil.copy(path, here)
            if path.name.startswith("ld-linux"):  # where every program looks for it
                (self._root / "lib64" / path.name).symlink_to(path)
