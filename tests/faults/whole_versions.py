"""Versions of a set of manifests, each of which can be told from every other by any one of its clients.

Version n has some files, named as in every other version, and in each some clients, which no other version has: so what
was read of two versions at once has ids of both, or too few of one.
"""

import dataclasses
import functools
import json
import random
import re

FOLDER = "clients"  # of the manifests, in a repository
CLIENT_ID = re.compile(r"v(\d{5})-f(\d)-c(\d)")
FILES_OF_A_FOLDER = 6
CLIENTS_OF_A_FILE = 4
PADDING_OF_A_FILE = 3000  # so that it is several pages, which a writer fills one after the other


def client(version, file, number, of, padding=200):
    """`of`: how many clients there are in what is versioned."""
    return {"client_id": f"v{version:05d}-f{file}-c{number}", "client_name": "x" * padding, "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code"], "response_types": ["code"], "scope": "openid",
            "redirect_uris": [f"https://v{version:05d}.example.com/callback"], "metadata": {"version": version, "of": of}}


def text_of(clients):
    return json.dumps(clients, indent=1) + "\n"


@dataclasses.dataclass(frozen=True)
class Version:
    number: int
    files: dict  # text by name
    ids: frozenset


@functools.lru_cache(maxsize=None)
def version(number):
    """A set: 3 to 6 files, some in a folder, with 1 to 3 clients each."""
    rng = random.Random(number)
    counts = [rng.randint(1, 3) for _ in range(rng.randint(3, 6))]
    files, ids = {}, []
    for file, count in enumerate(counts):
        clients = [client(number, file, index, sum(counts)) for index in range(count)]
        files[name_of(file)] = text_of(clients)
        ids += [one["client_id"] for one in clients]
    return Version(number, files, frozenset(ids))


def name_of(file):
    return f"part-{file}.json" if file % 2 == 0 else f"more/part-{file}.json"


def file_version(number, file):
    """One file of a folder whose files have versions of their own: its text, always of one size, and its ids."""
    clients = [client(number, file, index, CLIENTS_OF_A_FILE, PADDING_OF_A_FILE) for index in range(CLIENTS_OF_A_FILE)]
    for one in clients:
        one["metadata"]["version"] = f"{number:05d}"
    return text_of(clients), frozenset(one["client_id"] for one in clients)


def number_of(client_id):
    """Of which version it is; None for no client of ours."""
    found = CLIENT_ID.fullmatch(client_id)
    return int(found[1]) if found else None


def file_of(client_id):
    return int(CLIENT_ID.fullmatch(client_id)[2])


def fast_import(numbers):
    """What `git fast-import` reads to make a commit of each version, one after the other, refs/versions/NUMBER."""
    parts = []
    for at, number in enumerate(numbers):
        parts.append(f"commit refs/versions/{number}\nmark :{at + 1}\ncommitter tester <tester@example.com> {1_700_000_000 + number} +0000\n"
                     "data 1\nx\n")
        if at:
            parts.append(f"from :{at}\ndeleteall\n")
        parts += [f"M 100644 inline {FOLDER}/{name}\ndata {len(text.encode())}\n{text}\n" for name, text in version(number).files.items()]
    return "".join(parts)
