"""What is in the image, and what its configuration says."""

import os
import re
import stat
import subprocess

import sizes
from checks import read

USER = 10001
STATE = "/var/lib/hydra-clients"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
PROGRAMS = {"/usr/bin/hydra-clients", "/usr/bin/gpg", "/usr/bin/gpg-agent", "/usr/bin/gpgconf", "/usr/bin/tini"}
COMMAND_SECONDS = 60
HARDENING = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "binary", "run")


def files_of(root):
    """Path in the image to its lstat, of everything in it."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            found["/" + os.path.relpath(path, root)] = os.lstat(path)
    return found


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def needed(path):
    done = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, timeout=COMMAND_SECONDS, check=True)
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", done.stdout))


def library_faults(root, files):
    """Libraries that are missing, and those that nothing asks for."""
    programs = [path for path, info in files.items() if stat.S_ISREG(info.st_mode) and is_elf(root + path)]
    libraries = {os.path.basename(path) for path in programs if path not in PROGRAMS}
    wanted = set().union(*(needed(root + path) for path in programs))
    return [f"missing: {name}" for name in sorted(wanted - libraries)] + [f"nothing asks for {name}" for name in sorted(libraries - wanted)]


def configuration_faults(config, revision):
    version = re.search(r"project\(hydra-clients VERSION ([0-9.]+)", read("CMakeLists.txt"))[1]
    labels = config.get("Labels") or {}
    wanted = {
        "a numeric user": config.get("User") == f"{USER}:{USER}",
        "the program as entry point": config.get("Entrypoint") == ["/usr/bin/tini", "--", "/usr/bin/hydra-clients"] and config.get("Cmd") == ["run"],
        "one volume": list(config.get("Volumes") or {}) == [STATE],
        "a health check by the program itself": (config.get("Healthcheck") or {}).get("Test") == ["CMD", "/usr/bin/hydra-clients", "health"],
        "the port of the status page": list(config.get("ExposedPorts") or {}) == ["9464/tcp"],
        "its version as a label": labels.get("org.opencontainers.image.version") == version,
        "its commit as a label": labels.get("org.opencontainers.image.revision") == revision,
        "a title and a description": bool(labels.get("org.opencontainers.image.title") and labels.get("org.opencontainers.image.description")),
    }
    missing = [what for what, holds in wanted.items() if not holds]
    return [f"no {', no '.join(missing)} in {config}"] if missing else []


def check(checks, image, config):
    root, revision = os.path.join(image, "root"), read(image, "revision").strip()
    files = files_of(root)
    executables = {path for path, info in files.items() if stat.S_ISREG(info.st_mode) and info.st_mode & 0o111 and ".so" not in path}
    checks.check(configuration_faults(config, revision), "its configuration: user, entry point, volume, health check, labels")
    checks.check(sorted(executables ^ PROGRAMS), "its programs are hydra-clients, gpg with its agent, and tini: no shell, no package manager")
    checks.check(library_faults(root, files), "its libraries are those that the programs name, and no others")
    checks.check([path for path, info in files.items() if info.st_mode & (stat.S_ISUID | stat.S_ISGID)], "no file runs as another user")
    owned = {path for path, info in files.items() if info.st_uid == USER or (info.st_mode & 0o002 and not stat.S_ISLNK(info.st_mode))}
    checks.check(sorted(owned ^ {STATE}), "its user owns the volume's folder, and nothing else")
    packages = [name for name in os.listdir(root + "/var/lib/dpkg/status.d") if "Version: " in open(root + f"/var/lib/dpkg/status.d/{name}", encoding="utf-8").read()]
    undocumented = [name for name in packages if not os.path.exists(f"{root}/usr/share/doc/{name}/copyright")]
    checks.check(undocumented if {"gpg", "libc6", "libssl3", "libgit2-1.5"} <= set(packages) else packages, "scanners find its Debian packages, people their licences")
    hardened = subprocess.run([HARDENING, root + "/usr/bin/hydra-clients"], capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
    weak = [line for line in hardened.stdout.splitlines() if line.startswith("FAILED")]
    checks.check(weak if hardened.returncode in (0, 1) else hardened.stderr, "the program in it is hardened (tests/binary/run)")
    checks.check(sizes.faults(files), "its size, and what fills it, are what docs/deploying.md says")
