"""A machine of its own for NICs that this one does not have: QEMU in software, Debian's kernel, a small initramfs."""
