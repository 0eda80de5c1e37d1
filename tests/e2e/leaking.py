"""How a secret looks where it has leaked: in plain, and as what prints, sends or stores it would write it."""

import base64
import json
import os
import re
import urllib.parse

SHORTEST = 8  # of what stands between the characters of base64 that depend on what is beside the secret


def in_base64(data):
    """Whatever stands before it: at each of the three offsets, without the characters that its neighbours are part of."""
    for offset in range(3):
        coded = base64.b64encode(b"x" * offset + data).decode()
        inner = coded[(4 if offset else 0):-4]
        if len(inner) >= SHORTEST:
            yield inner
            yield inner.replace("+", "-").replace("/", "_")


def in_hex(data):
    for text in (data.hex(), data.hex(" "), data.hex(":"), data.hex().upper(), data.hex(":").upper()):
        yield text
    yield "".join(f"\\x{byte:02x}" for byte in data)


def in_json(secret):
    text = json.dumps(secret)[1:-1]
    yield text
    yield text.replace("/", "\\/")
    # As Go's encoding/json writes it, Hydra among others.
    yield text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    yield "".join(f"\\u{ord(letter):04x}" for letter in secret)
    yield json.dumps(text)[1:-1]  # JSON as a text within JSON


def in_url(secret):
    every = "".join(f"%{byte:02X}" for byte in secret.encode())
    for text in (urllib.parse.quote(secret, safe=""), urllib.parse.quote(secret), urllib.parse.quote_plus(secret), every):
        yield text
        yield re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)


def forms(secret):
    """All of them."""
    return {secret, *in_json(secret), *in_url(secret), *in_base64(secret.encode()), *in_hex(secret.encode())}


def leaked(text, secrets):
    """The first form of any of the secrets that stands in the text or bytes; None where there is none."""
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    for secret in secrets:
        for form in forms(secret):
            if form.encode() in data:
                return form
    return None


def everything_below(folder):
    """(path, content) of each name below it; the content of what is no regular file is empty."""
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(parent, name)
            content = b""
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    with open(path, "rb") as file:
                        content = file.read()
                except FileNotFoundError:
                    continue  # a temporary file that is gone meanwhile
            yield path, content


def leaked_below(folder, secrets):
    """Where a secret stands in a file's name or content, or in a link's target; None where nowhere."""
    for path, content in everything_below(folder):
        target = os.readlink(path) if os.path.islink(path) else ""
        form = leaked(path.encode("utf-8", "surrogateescape") + b"\n" + target.encode() + b"\n" + content, secrets)
        if form:
            return f"{path}: {form}"
    return None
