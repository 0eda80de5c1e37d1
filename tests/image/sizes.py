"""How large the image is and what fills it, against what docs/deploying.md says of it."""

import os
import re
import stat

from checks import read

# Debian's updates may change it by so much; a small row by a tenth of a MB more, for what is rounded.
TOLERANCE, ROUNDED_MB = 0.05, 0.1
# Row of the table to the files of it, by their names; what matches none is the last row.
ROWS = {
    "the program": r"hydra-clients",
    "GnuPG": r"gpg|gpg-agent|gpgconf|lib(sqlite3|gcrypt|readline|tinfo|gpgme|gpg-error|assuan|npth|bz2)\.so.*",
    "the libraries of C and C++": r"ld-linux.*|lib(c|m|stdc\+\+|gcc_s|resolv)\.so.*",
    "OpenSSL": r"lib(crypto|ssl)\.so.*",
    "HTTP": r"lib(cpprest|brotli\w+)\.so.*",
    "Git": r"lib(git2|mbed\w+|ssh2|krb5|krb5support|k5crypto|gssapi_krb5|keyutils|com_err|pcre2-8|http_parser)\.so.*",
    "the rest": r"",
}


def row_of(path, is_program):
    name = os.path.basename(path)
    if is_program:
        return next((row for row, names in ROWS.items() if names and re.fullmatch(names, name)), "the rest")
    return "the rest"


def measured(files):
    """MB by row, of the regular files: path to lstat."""
    found = dict.fromkeys(ROWS, 0.0)
    for path, info in files.items():
        if stat.S_ISREG(info.st_mode):
            found[row_of(path, path.startswith("/usr/bin/") or ".so" in path)] += info.st_size / 1e6
    return found


def told():
    """The total, and MB by row: a row's name goes on in the docs."""
    page = read("docs", "deploying.md")
    table = re.search(r"^\| what fills it \| MB \|\n.*?\n\n", page, re.M | re.S)[0]
    rows = {row: float(match[1]) for row in ROWS if (match := re.search(rf"^\| {re.escape(row)}[^|]*\| ([0-9.]+) \|$", table, re.M))}
    return int(re.search(r"image of (\d+) MB", page)[1]), rows


def faults(files):
    found, (total, rows) = measured(files), told()
    wrong = [f"{row}: {size:.1f} MB, told is {rows.get(row)}" for row, size in found.items()
             if row not in rows or abs(size - rows[row]) > ROUNDED_MB + TOLERANCE * size]
    whole = sum(found.values())
    return wrong + ([] if abs(whole - total) <= TOLERANCE * whole else [f"all: {whole:.1f} MB, told is {total}"])
