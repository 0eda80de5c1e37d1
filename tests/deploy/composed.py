"""deploy/compose: read by the Compose Specification's own reader, and hardened; its configurations by their own tools."""

import contextlib
import os
import re
import shutil
import tempfile
import time
import urllib.parse

import yaml

import harness
import made
import page
from checks import DEPLOY, ROOT, Checks, output_of, read, tool
from settings import GIT_SYNC_SETTINGS, settings_of_command

ABOUT = "Hydra, PostgreSQL, git-sync, the controller, Prometheus and Grafana"
FOLDER = os.path.join(DEPLOY, "compose")
FILES = {"compose.yaml": ["compose.yaml"], "compose.yaml with compose.outbox.yaml": ["compose.yaml", "compose.outbox.yaml"]}
WRITES_ITS_ROOT = {"postgres"}  # its image starts as root, and changes to its own user
READY_SECONDS, STEP_SECONDS = 60, 0.2
SEE_HYDRA = {"hydra", "migrate", "postgres", "hydra-clients"}


def understood(*files):
    """(The project as the reader understands it, what it says is wrong)."""
    done = output_of(tool("compose"), *(os.path.join(FOLDER, name) for name in files), cwd=FOLDER)
    return (yaml.safe_load(done.stdout), []) if done.returncode == 0 else ({}, [done.stderr.strip()[-1000:]])


def spoilt_is_found():
    """A file that breaks the specification's schema must not pass."""
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        path = os.path.join(folder, "compose.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(read("deploy", "compose", "compose.yaml").replace("read_only: true", "readonly: true"))
        return [] if output_of(tool("compose"), path).returncode != 0 else ["a file with an unknown field was taken"]


def unhardened(services):
    faults = []
    for name, service in services.items():
        wanted = {"read_only": service.get("read_only") is True, "cap_drop": service.get("cap_drop") == ["ALL"],
                  "security_opt": service.get("security_opt") == ["no-new-privileges:true"]}
        faults += [f"{name}: {what}" for what, holds in wanted.items() if not holds and name not in WRITES_ITS_ROOT]
        faults += [f"{name}: privileged"] if service.get("privileged") else []
    return faults


def exposed(services):
    """Published ports on other than loopback, and whoever could reach Hydra's admin API."""
    faults = []
    hydra = set(services["hydra"]["networks"])
    for name, service in services.items():
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1" or port["target"] == 4445:
                faults.append(f"{name}: {port}")
        if set(service["networks"]) & hydra and name not in SEE_HYDRA:
            faults.append(f"{name} is on a network of Hydra's")
    return faults


def environment_of(service):
    """The reader gives a map, or a list of NAME=VALUE."""
    given = service["environment"]
    return given if isinstance(given, dict) else dict(setting.split("=", 1) for setting in given)


def unknown_settings(services):
    known = {"hydra-clients": settings_of_command("run"), "git-sync": GIT_SYNC_SETTINGS}
    return [f"{name}: {setting}" for name in known for setting in environment_of(services[name]) if setting not in known[name]]


def hydra_faults(services, changes):
    """The real Hydra, with the settings of the file; only its database and its ports are others."""
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        shutil.copy(os.path.join(FOLDER, "make-secrets"), folder)
        output_of(os.path.join(folder, "make-secrets"))
        ports = [harness.free_port(), harness.free_port()]
        settings = {**services["hydra"]["environment"], **changes, "DSN": "memory", "SERVE_PUBLIC_PORT": str(ports[0]), "SERVE_ADMIN_PORT": str(ports[1])}
        command = [word.replace("/run/secrets", os.path.join(folder, "secrets")) for word in services["hydra"]["command"]]
        hydra = harness.Process([output_of(os.path.join(ROOT, "tests", "hydra", "get"), "v2.3.0").stdout.strip(), *command], folder, settings)
        try:
            deadline = time.monotonic() + READY_SECONDS
            while hydra.process.poll() is None and time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    if all(harness.fetch(f"http://127.0.0.1:{port}/health/ready").status == 200 for port in ports):
                        return []
                time.sleep(STEP_SECONDS)
            return [(hydra.stdout() + hydra.stderr())[-1500:]]
        finally:
            hydra.end()


def unnamed_variables():
    text = read("deploy", "compose", "compose.yaml")
    head, body = text.split("\nname:", 1)
    named, used = set(re.findall(r"\b[A-Z]+_[A-Z]+\b", head)), set(re.findall(r"\$\{([A-Z_]+)", body))
    return [] if named == used else [f"named are {sorted(named)}, read are {sorted(used)}"]


def unanswered_webhook(services):
    """git-sync shows no token, so it has to ask by a name that the controller takes for its own."""
    asked = urllib.parse.urlsplit(environment_of(services["git-sync"])["GITSYNC_WEBHOOK_URL"]).hostname
    own = environment_of(services["hydra-clients"]).get("HYDRA_CLIENTS_LISTEN_HOST")
    return [] if asked == own else [f"it asks {asked}, and the controller is {own}"]


def missing_files(services):
    """What is mounted from the checkout must be in it."""
    faults = []
    for name, service in services.items():
        sources = [volume["source"] for volume in service.get("volumes", []) if volume["type"] == "bind"]
        faults += [f"{name}: {source}" for source in sources if not os.path.exists(source)]
        if "build" in service and not os.path.exists(os.path.join(service["build"]["context"], "Dockerfile")):
            faults.append(f"{name}: no Dockerfile in {service['build']['context']}")
    return faults


def secrets_faults(project):
    """make-secrets makes each secret that a service needs, once."""
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        script = shutil.copy(os.path.join(FOLDER, "make-secrets"), folder)
        first, secrets = output_of(script), os.path.join(folder, "secrets")
        before = {name: open(os.path.join(secrets, name), encoding="utf-8").read() for name in os.listdir(secrets)}
        again = output_of(script)
        after = {name: open(os.path.join(secrets, name), encoding="utf-8").read() for name in os.listdir(secrets)}
    faults = [done.stderr for done in (first, again) if done.returncode != 0]
    faults += [] if before == after and not again.stdout else ["a second run changes what is there"]
    wanted = {os.path.basename(secret["file"]) for secret in project["secrets"].values()}
    faults += [] if wanted == set(before) else [f"it makes {sorted(before)}, and {sorted(wanted)} are named"]
    hydra = yaml.safe_load(before.get("hydra.yaml", ""))
    password = before.get("postgres")
    faults += [] if f":{password}@postgres:5432/" in hydra["dsn"] and len(hydra["secrets"]["system"][0]) >= 32 else ["hydra.yaml"]
    return faults


def monitoring_faults():
    faults = []
    tools = output_of(os.path.join(ROOT, "tests", "prometheus", "get")).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        os.mkdir(os.path.join(folder, "rules"))
        shutil.copy(os.path.join(ROOT, *made.RULES), os.path.join(folder, "rules"))
        shutil.copy(os.path.join(FOLDER, "prometheus.yml"), folder)
        done = output_of(os.path.join(tools, "promtool"), "check", "config", os.path.join(folder, "prometheus.yml"))
    faults += [] if done.returncode == 0 and "1 rule files found" in done.stdout else [done.stdout + done.stderr]
    jobs = [job["job_name"] for job in yaml.safe_load(read("deploy", "compose", "prometheus.yml"))["scrape_configs"]]
    faults += [] if jobs == ["hydra-clients"] else [f"the rules look for the job hydra-clients: {jobs}"]
    datasource = yaml.safe_load(read("deploy", "grafana", "provisioning", "datasources", "prometheus.yml"))["datasources"][0]
    faults += [] if datasource["url"] == "http://prometheus:9090" else [datasource["url"]]
    interval = yaml.safe_load(read("deploy", "compose", "prometheus.yml"))["global"]["scrape_interval"]
    return faults + ([] if datasource["jsonData"]["timeInterval"] == interval else [f"Grafana is told of another interval than {interval}"])


def run(options):
    checks = Checks(options.only)
    for title, files in FILES.items():
        project, faults = understood(*files)
        if not checks.check(faults, f"{title}: as the Compose Specification has it"):
            continue
        services = project["services"]
        checks.check(unhardened(services), f"{title}: read-only roots, no capabilities, no new privileges")
        checks.check(exposed(services), f"{title}: published on loopback alone, and the admin API not at all")
        checks.check(unknown_settings(services), f"{title}: every setting is one of the program's, or of git-sync's")
        checks.check(unanswered_webhook(services), f"{title}: the controller answers git-sync's webhook")
        checks.check(missing_files(services), f"{title}: what it mounts and builds is in the checkout")
    services = understood("compose.yaml")[0]["services"]
    checks.check(hydra_faults(services, {}), "the real Hydra starts with these settings")
    checks.check(hydra_faults(services, {"URLS_SELF_ISSUER": "https://id.example.com/", "DEV": "false"}), "and as others are to use it")
    checks.check(unnamed_variables(), "the file's head names the variables that it reads, and no others")
    checks.check(spoilt_is_found(), "the reader finds an unknown field")
    checks.check(secrets_faults(understood("compose.yaml")[0]), "make-secrets makes what is named, once")
    checks.check(monitoring_faults(), "Prometheus takes its configuration, and Grafana knows it")
    told = page.commands("docker") + page.commands("deploy/compose/make-secrets")
    checks.check([name for words in told for name in page.missing_files(words)] or ([] if len(told) >= 3 else ["none is told"]),
                 "docs/deploying.md: the files that its commands name are there")
    return checks.end()
