"""PGP keys by the real gpg, each in a keyring of its own, as the people have them who are to receive secrets."""

import base64
import os
import subprocess
import tempfile

from harness import environment


class Keyring:
    """A GNUPGHOME. Its path is short: the agent's socket stands in it."""

    def __init__(self, case):
        self.folder = tempfile.mkdtemp(prefix="e2e-gpg-", dir="/tmp")
        case.addCleanup(self._end)

    def _end(self):
        subprocess.run(["gpgconf", "--homedir", self.folder, "--kill", "all"], check=False, capture_output=True, timeout=30)
        subprocess.run(["rm", "-rf", self.folder], check=False, timeout=30)

    def gpg(self, *arguments, data=None, clock=None, passphrase=""):
        fake = ["--faked-system-time", clock] if clock else []
        done = subprocess.run(["gpg", "--homedir", self.folder, "--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback",
                               "--passphrase", passphrase, *fake, *arguments], input=data or b"", capture_output=True, timeout=60,
                              check=False, env=environment(self.folder))
        if done.returncode != 0:
            raise RuntimeError(f"gpg {arguments}: {done.stderr.decode()}")
        return done.stdout

    def make(self, name, kind):
        """`kind`: "rsa" or "ed25519" (with a cv25519 subkey), which end in a day, "lasting", "soon" (in half a minute),
        "sign-only" or "expired"."""
        if kind == "ed25519":
            self.gpg("--quick-generate-key", name, "ed25519", "sign", "1d")
            fingerprint = self.fingerprint(name)
            self.gpg("--quick-add-key", fingerprint, "cv25519", "encr", "1d")
        elif kind == "rsa":
            self.gpg("--quick-generate-key", name, "rsa2048", "encr", "1d")
        elif kind == "soon":
            self.gpg("--quick-generate-key", name, "rsa2048", "encr", "seconds=30")
        elif kind == "lasting":
            self.gpg("--quick-generate-key", name, "rsa2048", "encr", "never")
        elif kind == "sign-only":
            self.gpg("--quick-generate-key", name, "ed25519", "sign", "1d")
        elif kind == "expired":
            self.gpg("--quick-generate-key", name, "rsa2048", "encr", "1d", clock="20200101T000000")
        return self.armored(name)

    def fingerprint(self, name):
        listing = self.gpg("--with-colons", "--list-keys", name).decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def armored(self, name):
        return self.gpg("--armor", "--export", name)

    def binary(self, name):
        return self.gpg("--export", name)

    def private(self, name, passphrase=""):
        return self.gpg("--armor", "--export-secret-keys", name, passphrase=passphrase)

    def encrypt(self, name, text):
        return self.gpg("--armor", "--trust-model", "always", "--recipient", name, "--encrypt", data=text.encode()).decode()

    def revoke(self, name):
        """With the certificate that gpg itself put aside when the key was made."""
        path = os.path.join(self.folder, "openpgp-revocs.d", self.fingerprint(name) + ".rev")
        with open(path, encoding="utf-8") as file:
            certificate = file.read().replace(":-----BEGIN", "-----BEGIN")
        self.gpg("--import", data=certificate.encode())
        return self.armored(name)

    def open(self, message):
        """What a recipient does: gpg -d."""
        return self.gpg("--decrypt", data=message).decode()


def argument(key):
    """A key as --pgp-key takes it."""
    return base64.b64encode(key).decode()
