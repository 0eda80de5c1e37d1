"""Runs a pod as it is written, without Kubernetes: its containers as processes, closed in as their specification says.

Each container gets a root of its own that cannot be written to, the volumes that it mounts, its user, its groups and its
environment, no capability, and is process 1 of its own; what they share is the network. Volumes are made as the kubelet
makes them: an emptyDir and a claim belong to the pod's fsGroup, a Secret is read-only and readable by it.

    with Pod(resources, workload, images, secrets, folder) as pod:
        pod.start()                          # the init containers first
        pod.exec("hydra-clients", ["/usr/bin/hydra-clients", "version"])

It needs root and bubblewrap. Whatever it started ends with it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import time

from resources import pod_of

STOP_SECONDS = 30  # terminationGracePeriodSeconds, where a pod does not say
START_SECONDS = 30
COMMAND_SECONDS = 60
LOG_LINES = 10  # of each container, when something is wrong
SEES_OF_HOST = ("/usr/lib", "/usr/share", "/etc/ld.so.cache")


def parents(path):
    """bubblewrap's arguments for the folders above a path: what it makes by itself, only root may enter."""
    steps = path.strip("/").split("/")[:-1]
    return [word for end in range(1, len(steps) + 1) for word in ("--dir", "/" + "/".join(steps[:end]))]


class Image:
    """What of this machine stands for an image: programs (path in it: path here), and names of tools in /usr/bin."""

    def __init__(self, entrypoint, programs, tools=()):
        self.entrypoint, self.programs, self.tools = entrypoint, programs, tools

    def arguments(self, folder):
        """bubblewrap's, for a root with nothing else in it."""
        # Programs stand beside links to the host's tools: /usr/bin itself cannot be added to.
        made = os.path.join(folder, "bin")
        os.makedirs(made, exist_ok=True)
        for tool in self.tools:
            os.symlink(f"/host/usr/bin/{tool}", os.path.join(made, tool))
        hosts = os.path.join(folder, "hosts")
        with open(hosts, "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n")  # as the kubelet brings it
        found = ["--tmpfs", "/", "--dir", "/host", "--ro-bind", "/usr", "/host/usr", "--dir", "/etc", "--ro-bind", hosts, "/etc/hosts"]
        for path in SEES_OF_HOST:
            found += [*parents(path), "--ro-bind", path, path]
        for path, program in self.programs.items():
            if os.path.dirname(path) == "/usr/bin":
                shutil.copy2(program, os.path.join(made, os.path.basename(path)))
            else:
                found += ["--ro-bind", program, path]
        found += ["--ro-bind", made, "/usr/bin", "--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm"]
        for name, target in (("bin", "usr/bin"), ("lib", "usr/lib"), ("lib64", "host/usr/lib64")):
            found += ["--symlink", target, "/" + name]
        return found


class Container:
    """One that was started. `code` is its exit code, None while it runs."""

    def __init__(self, command, user, log):
        self.user, self.log = user, log
        reader, writer = os.pipe()
        with open(log, "ab") as out:
            self._process = subprocess.Popen([*command[:1], "--info-fd", str(writer), *command[1:]], stdin=subprocess.DEVNULL, stdout=out,
                                             stderr=subprocess.STDOUT, pass_fds=[writer], start_new_session=True)
        os.close(writer)
        ready = select.select([reader], [], [], START_SECONDS)[0]
        with os.fdopen(reader) as info:
            said = info.read() if ready else ""
        self.pid = json.loads(said)["child-pid"] if said else None

    @property
    def code(self):
        return self._process.poll()

    def signal(self, number):
        """To its process 1."""
        os.kill(self.pid, number)

    def wait(self, seconds):
        """Its exit code; after so many seconds it is killed, and that is None."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            # The end of process 1 is the end of all in its namespace; bubblewrap's own end would not be, since a process
            # that changes its user forgets whose death it was to follow.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid or self._process.pid, signal.SIGKILL)
            self._process.wait()
            return None

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()


class Pod:
    def __init__(self, resources, workload, images, secrets, folder):
        """`images`: repository to Image. `secrets`: name to {key: text}. `folder` outlives the pod: it holds its claims."""
        self._resources, self._workload, self._images, self._secrets = resources, workload, images, secrets
        self._spec, self._folder = pod_of(workload), folder
        self._group = self._spec.get("securityContext", {}).get("fsGroup")
        self._volumes, self._made = {}, 0
        self.containers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for container in self.containers.values():
            container.wait(0)
        shutil.rmtree(os.path.join(self._folder, "pod"), ignore_errors=True)

    def start(self):
        shutil.rmtree(os.path.join(self._folder, "pod"), ignore_errors=True)
        for volume in self._spec.get("volumes", []):
            self._volumes[volume["name"]] = self._make(volume)
        for claim in self._workload["spec"].get("volumeClaimTemplates", []):
            self._volumes[claim["metadata"]["name"]] = self._owned(os.path.join(self._folder, "claims", claim["metadata"]["name"]), 0o775)
        for one in self._spec.get("initContainers", []):
            code = self._run(one).wait(COMMAND_SECONDS)
            if code != 0:
                raise RuntimeError(f"{one['name']} ended with {code}: {self.containers[one['name']].text()[-2000:]}")
        for one in self._spec["containers"]:
            self._run(one)

    def restart(self, name):
        """What the kubelet does with a container that ended."""
        self.containers[name].wait(0)
        return self._run(self._specified(name))

    def stop(self):
        """As a pod is ended: SIGTERM to all at once. The exit codes; None of one that had to be killed."""
        deadline = time.monotonic() + self._spec.get("terminationGracePeriodSeconds", STOP_SECONDS)
        for container in self.containers.values():
            if container.code is None:
                container.signal(signal.SIGTERM)
        return {name: container.wait(max(0, deadline - time.monotonic())) for name, container in self.containers.items()}

    def port(self, name, port):
        """The number of a container's port."""
        return next(one["containerPort"] for one in self._specified(name)["ports"] if one["name"] == port)

    def probe(self, name, kind):
        """What the kubelet would ask; nothing where there is no such probe."""
        asked = self._specified(name).get(kind, {}).get("httpGet")
        return asked and f"http://127.0.0.1:{self.port(name, asked['port'])}{asked['path']}"

    def _specified(self, name):
        return next(one for one in self._spec["containers"] if one["name"] == name)

    def exec(self, name, command):
        """As `kubectl exec`."""
        one, running = self._specified(name), self.containers[name]
        inside = ["nsenter", "--target", str(running.pid), "--mount", "--pid", "--uts", "--ipc", "--root", "--wd", "--", "/host/usr/bin/env", "-i",
                  *(f"{key}={value}" for key, value in self._environment(one).items()), *running.user, *command]
        return subprocess.run(inside, capture_output=True, stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS, check=False)

    def logs(self):
        return "".join(f"{name}: {line}\n" for name, one in self.containers.items() for line in one.text().splitlines()[-LOG_LINES:])

    def path(self, volume, *below):
        """Where a volume is, for the test."""
        return os.path.join(self._volumes[volume], *below)

    def _owned(self, path, mode):
        """The kubelet's SetVolumeOwnership: all of it the group's, which may read and write it."""
        os.makedirs(path, exist_ok=True)
        if not os.listdir(path):
            os.chmod(path, mode)
        for folder, _, files in os.walk(path):
            os.chown(folder, -1, self._group)
            os.chmod(folder, os.stat(folder).st_mode & 0o7777 | 0o2770)
            for file in (os.path.join(folder, name) for name in files):
                os.chown(file, -1, self._group, follow_symlinks=False)
                os.chmod(file, os.stat(file).st_mode & 0o7777 | 0o660)
        return path

    def _make(self, volume):
        path = os.path.join(self._folder, "pod", volume["name"])
        if "emptyDir" in volume:
            return self._owned(path, 0o777)
        os.makedirs(path)
        secret = self._secrets.get(volume["secret"]["secretName"])
        if secret is None and not volume["secret"].get("optional"):
            raise RuntimeError(f"no Secret {volume['secret']['secretName']}")
        for key, text in (secret or {}).items():
            with open(os.path.join(path, key), "w", encoding="utf-8") as file:
                file.write(text)
            os.chown(file.name, 0, self._group)
            os.chmod(file.name, volume["secret"].get("defaultMode", 0o644) | 0o040)
        return path

    def _environment(self, one):
        return {"PATH": "/usr/bin", "HOME": "/", "HOSTNAME": self._workload["metadata"]["name"] + "-0", **self._resources.settings(one)}

    def _run(self, one):
        image = self._images[one["image"].rsplit("/", maxsplit=1)[-1].split(":")[0]]
        context = {**self._spec.get("securityContext", {}), **one["securityContext"]}
        groups = [f"--groups={self._group}"] if self._group else ["--clear-groups"]
        user = ["/host/usr/bin/setpriv", f"--reuid={context['runAsUser']}", f"--regid={context['runAsGroup']}", *groups, "--no-new-privs",
                "--inh-caps=-all", "--bounding-set=-all"]
        self._made += 1
        root = os.path.join(self._folder, "pod", f".root-{self._made}")
        command = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--as-pid-1", *image.arguments(root)]
        for mount in one.get("volumeMounts", []):
            how = "--ro-bind" if mount.get("readOnly") else "--bind"
            command += [*parents(mount["mountPath"]), how, self._volumes[mount["name"]], mount["mountPath"]]
        command += ["--remount-ro", "/", "--clearenv"]
        for name, value in self._environment(one).items():
            command += ["--setenv", name, value]
        program = [*(one.get("command") or image.entrypoint), *one.get("args", [])]
        log = os.path.join(self._folder, f"{one['name']}.log")
        self.containers[one["name"]] = Container([*command, *user, *program], user, log)
        return self.containers[one["name"]]
