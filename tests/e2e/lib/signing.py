"""Zones signed by BIND's tools, with real keys."""

import dataclasses
import subprocess

KEY_ALGORITHM = "ECDSAP256SHA256"


@dataclasses.dataclass(frozen=True)
class Method:
    """How a zone denies what it does not have."""

    name: str
    options: tuple  # of dnssec-signzone


METHODS = (
    Method("nsec", ()),
    Method("nsec3", ("-3", "-", "-H", "0")),
    Method("optout", ("-3", "abcd", "-H", "3", "-A")),
)


@dataclasses.dataclass(frozen=True)
class Signed:
    """A signed zone: its text, and its one key as a DNSKEY record's text, a trust anchor."""

    origin: str  # without the final dot
    text: str
    dnskey: str
    ds: str  # for the zone above: type and rdata


class Signer:
    """Makes keys and signs, with files below `folder`."""

    def __init__(self, folder):
        self._folder = folder / "signing"
        self._folder.mkdir()

    def sign(self, origin, text, method):
        """`text`: an unsigned zone."""
        key = self._run("dnssec-keygen", "-q", "-a", KEY_ALGORITHM, "-f", "KSK", origin).strip()
        plain, signed = self._folder / f"{origin}.plain", self._folder / f"{origin}.signed"
        public = (self._folder / f"{key}.key").read_text()
        plain.write_text(text + public)
        self._run("dnssec-signzone", "-z", "-P", "-x", "-O", "full", "-o", origin, "-f", signed, *method.options,
                  plain, key)
        lines = [line for line in public.splitlines() if line and not line.startswith(";")]
        ds = self._run("dnssec-dsfromkey", "-2", key)
        return Signed(origin, signed.read_text(), lines[0], ds[ds.index("DS"):].strip())

    def _run(self, *words):
        done = subprocess.run([str(word) for word in words], check=False, text=True, cwd=self._folder,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(str(word) for word in words)}: exit {done.returncode}\n{done.stderr}")
        return done.stdout
