"""TSIG keys."""

import base64
import dataclasses
import secrets

ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")


@dataclasses.dataclass(frozen=True)
class Key:
    name: str
    algorithm: str = "hmac-sha256"
    secret: str = dataclasses.field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
