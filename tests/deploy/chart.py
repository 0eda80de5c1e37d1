"""deploy/helm: the chart, linted and rendered by helm; what it makes is valid and keeps to the rules of pods."""

import os
import tempfile

import yaml

import made
import page
from checks import DEPLOY, ROOT, Checks, output_of, tool
from pod_rules import faults_of_pods
from resources import KUBERNETES_VERSIONS, Resources, container, faults_by_schema

ABOUT = "the chart, and what it makes of values"
CHART = os.path.join(DEPLOY, "helm", "hydra-clients")
GIT = {"git": {"url": "https://git.example.org/clients.git"}}
RUNBOOKS = "https://git.example.org/mirrors/hydra-clients/blob/main/"
DIGEST = "sha256:" + "0123456789abcdef" * 4
VALUES = {
    "a repository": GIT,
    "everything": {
        "git": {"url": "ssh://git@git.example.org/clients.git", "ref": "production", "existingSecret": "git"}, "path": "hydra/clients",
        "image": {"repository": "registry.example.org/hydra-clients", "digest": DIGEST}, "imagePullSecrets": [{"name": "registry"}],
        "settings": {"git-known-hosts": "/etc/hydra-clients/git/known_hosts", "require-signed-commits": "/etc/hydra-clients/git/keyring.asc",
                     "interval": "30s", "log-format": "logfmt", "strict": True, "parallelism": 4, "max-manifests": 1000000,
                     "ca-file": "/etc/hydra-clients/hydra/ca.pem"},
        "endpointSecret": "hydra-tls",
        "clientSecrets": "clients", "outbox": {"enabled": True}, "persistence": {"size": "5Gi", "storageClassName": "fast", "accessMode": "ReadWriteOnce"},
        "podMonitor": {"enabled": True, "labels": {"release": "stack"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "stack"}, "runbooks": RUNBOOKS},
        "priorityClassName": "high", "podAnnotations": {"a": "b"},
        "nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "a", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}]}}},
    },
    "a ConfigMap": {"configMap": "clients", "endpoint": "https://hydra.example.org/admin", "networkPolicy": {"enabled": False}},
    "once": {**GIT, "mode": "once"},
    # Each is the name of something, and to YAML something else.
    "names that look like other things": {
        "configMap": "123", "clientSecrets": "456", "endpointSecret": "null", "priorityClassName": "true", "settings": None,
        "image": {"repository": "1.5", "tag": "a # b"}, "persistence": {"storageClassName": "0x1f"}, "networkPolicy": {"monitoringNamespace": "7"},
        "outbox": {"enabled": True, "recipientSecret": "no"}},
    "a name with more behind it": {**GIT, "priorityClassName": "high\n  hostNetwork: true", "image": {"repository": "a\n      tty: true"}},
}
# What is refused, and a part of the words in which.
REFUSED = {
    "no source": ({}, "set git.url or configMap"),
    "two sources": ({**GIT, "configMap": "clients"}, "set git.url or configMap"),
    "an outbox that would not last": ({**GIT, "mode": "once", "outbox": {"enabled": True}}, "a generated secret would be lost"),
    "a value of no name": ({**GIT, "endpiont": "http://hydra"}, "endpiont"),
    "an endpoint that is no URL": ({**GIT, "endpoint": "hydra-admin:4445"}, "/endpoint"),
    "a repository without a scheme": ({"git": {"url": "git.example.org/clients.git"}}, "/git/url"),
    "a password in the repository's URL": ({"git": {"url": "https://user:password@git.example.org/clients.git"}}, "/git/url"),
    "a token as a setting": ({**GIT, "settings": {"access-token": "secret"}}, "access-token"),
    "a number that would not be the one that stands there": ({**GIT, "settings": {"max-manifests": 1e30}}, "/settings/max-manifests"),
    "a port that no probe asks": ({**GIT, "settings": {"metrics-listen": "0.0.0.0:9999"}}, "/settings/metrics-listen"),
    "a label that the selector holds": ({**GIT, "podLabels": {"app.kubernetes.io/name": "other"}}, "invalid propertyName"),
    "a part that was taken away": ({**GIT, "outbox": None}, "missing property 'outbox'"),
    "a list as a setting": ({**GIT, "settings": {"header": ["a: b"]}}, "/settings/header"),
}


def helm(command, values, *arguments):
    with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
        path = os.path.join(folder, "values.yaml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(values, file)
        home = {name: os.path.join(folder, name) for name in ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")}
        return output_of(tool("helm"), *command, CHART, "--values", path, "--kube-version", f"{KUBERNETES_VERSIONS[-1]}.0", *arguments,
                         env={**os.environ, **home})


def rendered_right(title, values, resources):
    """What of the values is not in what was rendered."""
    workload = resources.workloads()[0]
    ours = container(workload, "hydra-clients")
    settings = resources.settings(ours)
    wanted = {f"HYDRA_CLIENTS_{name.upper().replace('-', '_')}": str(value).lower() if isinstance(value, bool) else str(value)
              for name, value in (values.get("settings") or {}).items()}
    if "git" in values:
        wanted["HYDRA_CLIENTS_GIT_URL"] = values["git"]["url"]
    faults = [f"{name} is {settings.get(name)}, not {value}" for name, value in wanted.items() if settings.get(name) != value]
    if title == "everything":
        faults += [] if ours["image"] == f"registry.example.org/hydra-clients@{DIGEST}" else [ours["image"]]
        groups = yaml.safe_load(made.read(*made.RULES).replace("runbook_url: ", f"runbook_url: {RUNBOOKS}"))["groups"]
        faults += [] if resources.kind("PrometheusRule")[0]["spec"]["groups"] == groups else ["the rules are not those of deploy/prometheus"]
        faults += [f"the {kind} has no label of the values" for kind in ("PodMonitor", "PrometheusRule")
                   if resources.kind(kind)[0]["metadata"]["labels"].get("release") != "stack"]
        faults += [] if workload["spec"]["volumeClaimTemplates"][0]["spec"]["accessModes"] == ["ReadWriteOnce"] else ["the access mode"]
    if (workload["kind"] == "Job") != (values.get("mode") == "once"):
        faults.append(f"a {workload['kind']}")
    return faults


def told_wrong():
    """The commands of docs/deploying.md, with `template` in the place of what talks to a cluster."""
    faults, told = [], page.commands("helm")
    for words in told:
        command = [word for word in words[1:] if word != "--install"]
        command[command.index("upgrade")] = "template"
        done = output_of(tool("helm"), *command, "--kube-version", f"{KUBERNETES_VERSIONS[-1]}.0", cwd=ROOT)
        faults += [done.stderr] if done.returncode != 0 else faults_by_schema(Resources.of(done.stdout))
    return faults if told else ["none is told"]


def run(options):
    checks = Checks(options.only)
    checks.check(made.faults("helm"), "the chart's rules are those of deploy/prometheus")
    for title, values in VALUES.items():
        lint = helm(("lint", "--strict"), values)
        checks.check([] if lint.returncode == 0 else [lint.stdout[-1000:] + lint.stderr[-1000:]], f"{title}: helm lint --strict")
        done = helm(("template", "identity"), values)
        if not checks.check([] if done.returncode == 0 else [done.stderr[-1000:]], f"{title}: helm template"):
            continue
        resources = Resources.of(done.stdout)
        checks.check(faults_by_schema(resources), f"{title}: valid by the schemas of Kubernetes and of the Prometheus operator")
        checks.check(faults_of_pods(resources), f"{title}: its pods keep to the rules")
        checks.check(rendered_right(title, values, resources), f"{title}: the values are what is rendered")
    for title, (values, words) in REFUSED.items():
        done = helm(("template", "identity"), values)
        said = done.stdout + done.stderr
        checks.check([] if done.returncode != 0 and words in said else [f"exit code {done.returncode}: {said[-500:]}"], f"refused: {title}")
    checks.check(told_wrong(), "docs/deploying.md: its commands make what is valid")
    return checks.end()
