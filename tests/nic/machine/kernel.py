"""Debian's kernel and its modules, downloaded once and unpacked, never installed."""

import os
import pathlib
import re
import shutil
import subprocess

from lib.scenario import CannotRun

META_PACKAGE = "linux-image-amd64"

_FOLDER = pathlib.Path(__file__).resolve().parents[3] / "build/nic-kernel"


class Kernel:
    """`image` and the modules' files."""

    def __init__(self, folder):
        self._modules = next(folder.glob("lib/modules/*/kernel"))
        self.image = next(folder.glob("boot/vmlinuz-*"))

    def module(self, name):
        """The file of a module, given as the part of its path that is enough to tell it."""
        found = sorted(self._modules.rglob(f"{name}.ko"))
        if not found:
            raise CannotRun(f"Debian's kernel has no module {name}")
        return found[0]


def get():
    """The kernel that the meta package stands for; from the archive when it is not here yet."""
    package = _package()
    folder = _FOLDER / package
    if not folder.exists():
        _unpack(package, folder)
    return Kernel(folder)


def _package():
    """`linux-image-6.1.0-56-amd64`."""
    shown = subprocess.run(["apt-cache", "depends", META_PACKAGE], check=False, text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL).stdout
    found = re.search(r"Depends: (linux-image-\S+)", shown)
    if not found:
        raise CannotRun(f"no package {META_PACKAGE}: apt-get update, on Debian for amd64")
    return found.group(1)


def _unpack(package, folder):
    """In a folder beside it first, so that what is there is whole."""
    started = folder.with_name(f"{package}.{os.getpid()}")
    started.mkdir(parents=True)
    try:
        done = subprocess.run(["apt-get", "-q", "download", package], check=False, text=True, cwd=started,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        archive = next(started.glob("*.deb"), None)
        if done.returncode != 0 or archive is None:
            raise CannotRun(f"{package} cannot be downloaded: {done.stdout.strip().splitlines()[-1]}")
        subprocess.run(["dpkg-deb", "-x", archive, started], check=True)
        archive.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        started.rename(folder)
    finally:
        shutil.rmtree(started, ignore_errors=True)
