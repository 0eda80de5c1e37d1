"""A container of the unpacked image, run by an OCI runtime (crun)."""

import json
import os
import subprocess
import uuid

COMMAND_SECONDS = 60


class Container:
    """One container of an unpacked image. Closed in as deploy/ closes it in; the network is this machine's."""

    def __init__(self, root, config, folder, arguments, environment=None, volumes=None, memory="/dev/shm"):
        """`volumes`: path in the container to (path here, "ro" or "rw"). `memory`: where a tmpfs is, or nowhere."""
        self.name, self.folder = f"hydra-clients-{uuid.uuid4().hex[:12]}", os.path.join(folder, uuid.uuid4().hex[:8])
        os.makedirs(self.folder)
        self.log = os.path.join(self.folder, "log")
        self._user = config["User"]
        uid, gid = map(int, self._user.split(":"))
        # Every runtime brings it; the image's own would be covered.
        with open(os.path.join(self.folder, "hosts"), "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n")
        volumes = {"/etc/hosts": (file.name, "ro"), **(volumes or {})}
        bundle = {
            "ociVersion": "1.0.2",
            "process": {"user": {"uid": uid, "gid": gid}, "cwd": config["WorkingDir"], "args": [*config["Entrypoint"], *arguments], "terminal": False,
                        "env": [*config["Env"], *(f"{name}={value}" for name, value in (environment or {}).items())],
                        "noNewPrivileges": True, "capabilities": {}},
            "root": {"path": root, "readonly": True},
            "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                       {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
                       *([{"destination": memory, "type": "tmpfs", "source": "shm", "options": ["nosuid", "nodev", "noexec", "mode=1777", "size=64m"]}] if memory else []),
                       *({"destination": path, "type": "bind", "source": source, "options": ["bind", mode]} for path, (source, mode) in volumes.items())],
            "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")],
                      "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list"], "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys"]},
        }
        with open(os.path.join(self.folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump(bundle, file)
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(self._crun("run", "--bundle", self.folder, "--pid-file", self._pid_file(), self.name), stdin=subprocess.DEVNULL,
                                             stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    def _crun(self, *arguments):
        # Without cgroups: nothing here is about them, and crun does not take every kind of them.
        hidden = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs /sys/fs/cgroup && exec "$@"', "sh"]
        return [*hidden, "crun", "--root", os.path.join(self.folder, "state"), "--cgroup-manager", "disabled", *arguments]

    def _pid_file(self):
        return os.path.join(self.folder, "pid")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            subprocess.run(self._crun("kill", self.name, "KILL"), check=False, capture_output=True, timeout=COMMAND_SECONDS)
        self._process.wait(COMMAND_SECONDS)

    @property
    def pid(self):
        with open(self._pid_file(), encoding="ascii") as file:
            return int(file.read())

    def exec(self, *arguments):
        return subprocess.run(self._crun("exec", "--user", self._user, self.name, *arguments), capture_output=True, stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False)

    def stop(self):
        subprocess.run(self._crun("kill", self.name, "TERM"), check=True, capture_output=True, timeout=COMMAND_SECONDS)
        return self.wait()

    def wait(self):
        """Its exit code; None where it did not end."""
        try:
            return self._process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            return None

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def processes(self):
        """Of each process in it, what the kernel says (/proc/PID/status)."""
        namespace, found = os.readlink(f"/proc/{self.pid}/ns/pid"), []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{entry}/ns/pid") == namespace:
                    with open(f"/proc/{entry}/status", encoding="utf-8", errors="replace") as file:
                        found.append(dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line))
            except OSError:
                continue  # it ended meanwhile
        return found

    def program(self):
        """The controller's, among them."""
        return next(status for status in self.processes() if status["Name"] == "hydra-clients")
