"""deploy/kubernetes: built by kustomize, valid by Kubernetes' own schemas, as its rules say, and run."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import yaml

import made
import page
from checks import DEPLOY, HERE, ROOT, TOOL_SECONDS, Checks, namespaces_lack, output_of, tool
from pod_rules import RULES, faults_of_pods, measured_memory
from resources import Resources, container, faults_by_schema, name_of, pod_of

ABOUT = "kustomize bases and overlays, and what they make"
FOLDER = os.path.join(DEPLOY, "kubernetes")
MEMORY_TOLERANCE = 0.1
# A user's own, with what they are likely to combine: its resources, and the components.
OVERLAYS = {
    "sidecar": (["sidecar"], []),
    "alone": (["alone"], []),
    "job": (["job"], []),
    "sidecar, with everything": (["sidecar"], ["outbox", "signed-commits", "monitoring"]),
    "sidecar, with the admin API in the cluster": (["hydra"], ["sidecar", "admin-service"]),
    "sidecar, of a Deployment of one's own": (["hydra-deployment.yaml"], ["sidecar", "unix-socket"]),
    "alone, with everything": (["alone"], ["outbox", "signed-commits", "monitoring", "admin-service"]),
}
# Of somebody else, in the same overlay.
OTHER = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: database, labels: {app.kubernetes.io/name: database}}
spec:
  serviceName: database
  selector: {matchLabels: {app.kubernetes.io/name: database}}
  template:
    metadata: {labels: {app.kubernetes.io/name: database}}
    spec: {containers: [{name: database, image: "database:1"}]}
  volumeClaimTemplates:
    - {metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
"""
OWN_HYDRA = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: own-hydra, labels: {app.kubernetes.io/name: hydra}}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: hydra}}
  template:
    metadata: {labels: {app.kubernetes.io/name: hydra}}
    spec:
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: hydra
          image: oryd/hydra:v2.3.0
          args: [serve, all]
          env: [{name: DSN, value: memory}]
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 512Mi}}
"""


def build(folder, resources, components, settings=None):
    """Resources of an overlay that is made in `folder`, with settings of a user's own: ConfigMap to name to value."""
    def path(name, below=""):
        return name if name.endswith(".yaml") else os.path.relpath(os.path.join(FOLDER, below, name), folder)
    overlay = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": "identity",
               "resources": [path(name) for name in resources], "components": [path(name, "components") for name in components],
               "configMapGenerator": [{"name": name, "behavior": "merge", "literals": [f"{key}={value}" for key, value in literals.items()]}
                                      for name, literals in (settings or {}).items()]}
    with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as file:
        yaml.safe_dump(overlay, file)
    for name, text in {"hydra-deployment.yaml": OWN_HYDRA, "other.yaml": OTHER}.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return made_by_kustomize(folder)


def made_by_kustomize(folder):
    """(The resources, what it warns of)."""
    done = output_of(tool("kustomize"), "build", folder)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-1000:])
    return Resources.of(done.stdout), [line for line in done.stderr.splitlines() if line]


def admin_faults(resources, over_socket):
    """Who can reach Hydra's admin API, by what is rendered."""
    faults = []
    hydra = next((one for one in (container(workload, "hydra") for workload in resources.workloads()) if one), None)
    policies = resources.kind("NetworkPolicy")
    if over_socket:
        settings = resources.settings(hydra)
        if settings.get("SERVE_ADMIN_HOST") != "unix:/run/hydra/admin.sock" or int(settings["SERVE_ADMIN_SOCKET_MODE"]) != 0o660:
            faults.append(f"Hydra's admin API is a socket for the pod's group: {settings}")
    for resource in resources.kind("Service") + policies:
        opens = "4445" in yaml.safe_dump(resource)
        if opens and over_socket:
            faults.append(f"{name_of(resource)} opens the admin API")
        if opens and resource["kind"] == "NetworkPolicy" and resource["spec"]["ingress"] != [
                {"from": [{"podSelector": {"matchLabels": {"hydra-admin": "allowed"}}}], "ports": [{"port": 4445}]}]:
            faults.append(f"{name_of(resource)} opens the admin API to others than those with its label")
    for workload in resources.workloads():
        labels = workload["spec"]["template"]["metadata"]["labels"]
        chosen = [policy for policy in policies if policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()]
        if workload["kind"] != "Job" and not chosen:
            faults.append(f"{name_of(workload)}: no NetworkPolicy selects its pods")
    return faults


def touched_others():
    """What the components make of a workload that is neither Hydra's nor ours, and of its volumes."""
    faults = []
    for title, (resources, components) in OVERLAYS.items():
        with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
            rendered, _ = build(folder, [*resources, "other.yaml"], components)
        spec = rendered.named("StatefulSet", "database")["spec"]
        faults += [] if spec == yaml.safe_load(OTHER)["spec"] else [f"{title}: {json.dumps(spec)}"]
    return faults


def job_faults(resources):
    """The rules look for one job, and kustomize's namePrefix renames what an operator would call it by."""
    jobs = [{rule["targetLabel"]: rule["replacement"] for rule in endpoint.get("relabelings", [])}.get("job")
            for monitor in resources.kind("PodMonitor") for endpoint in monitor["spec"]["podMetricsEndpoints"]]
    return [f"the job of a PodMonitor is {job}" for job in jobs if job != "hydra-clients"]


# One fault for each rule, which it must find: a rule that finds nothing in anything is worth nothing.
SPOILT = {
    "restricted": lambda pod: pod["containers"][0]["securityContext"].pop("readOnlyRootFilesystem"),
    "closed_to_the_cluster": lambda pod: pod.pop("enableServiceLinks"),
    "bounded": lambda pod: pod["containers"][0]["resources"].pop("limits"),
    "whole": lambda pod: pod["volumes"].pop(),
    "secrets_in_files": lambda pod: pod["containers"][0].setdefault("env", []).append({"name": "DSN", "valueFrom": {"secretKeyRef": {}}}),
    "known_settings": lambda pod: ours(pod).setdefault("env", []).append({"name": "HYDRA_CLIENTS_ENDPIONT", "value": ""}),
    "probed": lambda pod: ours(pod).update(readinessProbe={}),
    "outbox_lasts": lambda pod: ours(pod).setdefault("env", []).append({"name": "HYDRA_CLIENTS_OUTBOX", "value": "/tmp/outbox"}),
    "private_stays_private": lambda pod: pod["securityContext"].pop("fsGroupChangePolicy"),
}


def ours(pod):
    return next(one for one in pod["containers"] if one["name"] == "hydra-clients")


def blind_rules(resources):
    """The rules that do not find what they are for."""
    blind = []
    for rule in RULES:
        spoilt = copy.deepcopy(resources)
        workload = spoilt.workloads()[0]
        SPOILT[rule.__name__](workload["spec"]["template"]["spec"])
        if not rule(workload, spoilt):
            blind.append(rule.__name__)
    return blind


def blind_schemas(resources):
    spoilt = copy.deepcopy(resources)
    pod_of(spoilt.workloads()[0])["restartPolcy"] = "Always"
    return [] if faults_by_schema(spoilt) else ["restartPolcy was taken"]


def shown(folder, text):
    """What kustomize makes of an overlay that docs/deploying.md shows, as it stands there."""
    with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as file:
        file.write(text)
    os.symlink(ROOT, os.path.join(folder, "hydra-clients"))
    return made_by_kustomize(folder)


def check_page(checks):
    """The overlays of docs/deploying.md, and the Secrets that it tells to make for them."""
    overlays, everything = [text for text in page.blocks("yaml") if "kind: Kustomization" in text], Resources()
    for text in overlays:
        with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
            rendered, warnings = shown(folder, text)
        everything += rendered
        where = re.search(r"kubernetes/(\w+)", text)[1]
        checks.check(warnings + faults_by_schema(rendered) + faults_of_pods(rendered), f"docs/deploying.md: its overlay of {where} is as right as the others")
    checks.check([] if len(overlays) == 2 else [str(len(overlays))], "docs/deploying.md shows an overlay of sidecar, and one of alone")
    checks.check(memory_told_wrong(), "docs/deploying.md: its figures of memory are those of docs/performance.md")
    checks.check(secrets_told_wrong(everything), "docs/deploying.md: the Secrets that it makes are those that are mounted")


def memory_told_wrong():
    """Within what a benchmark differs by from one time to the next."""
    faults = []
    for clients in (10_000, 100_000):
        told, measured = re.findall(rf"^\| {clients:,} \| (\d+) \|", page.text(), re.M), measured_memory(clients)
        faults += [] if len(told) == 1 and abs(int(told[0]) / measured - 1) <= MEMORY_TOLERANCE else [f"{clients} clients: {told}, measured {measured:.0f} MB"]
    return faults


def secrets_told_wrong(resources):
    mounted = {volume["secret"]["secretName"]: volume["secret"].get("optional", False)
               for workload in resources.workloads() for volume in pod_of(workload)["volumes"] if "secret" in volume}
    used = yaml.safe_dump_all(resources)
    made_there, faults = {}, []
    for words in page.commands("kubectl"):
        if "secret" in words:
            made_there[words[words.index("generic") + 1]] = [word.removeprefix("--from-file=") for word in words if word.startswith("--from-file=")]
    faults += [f"no command makes {name}" for name, optional in mounted.items() if not optional and name not in made_there]
    faults += [f"nothing mounts {name}" for name in made_there if name not in mounted]
    # A key that is named by a manifest (KEY=FILE there) is named by nothing else.
    faults += [f"{name}: nothing reads {key}" for name, keys in made_there.items() for key in keys if "=" not in key and f"/{key}" not in used]
    return faults


def run_pods(checks, build_folder, words):
    """In namespaces of their own (pod_trial.py), which takes root and a kernel that lets it."""
    lacking = namespaces_lack()
    if lacking:
        checks.skip("the pods run", reason=f"pods are run in namespaces: {lacking}")
        return
    missing = [program for program in ("bwrap", "tini", os.path.join(build_folder, "hydra-clients")) if not shutil.which(program)]
    if missing:
        checks.cannot("the pods run", f"no {' and no '.join(missing)} (deploy/install-packages deploy)")
        return
    done = subprocess.run(["unshare", "--net", sys.executable, os.path.join(HERE, "pod_trial.py"), build_folder, *words], stdout=subprocess.PIPE, text=True,
                          stdin=subprocess.DEVNULL, timeout=TOOL_SECONDS, check=False)
    lines = done.stdout.splitlines()
    counts = json.loads(lines.pop()) if done.returncode == 0 else {"passed": 0, "failed": 1, "skipped": 0}
    print("\n".join(lines), flush=True)
    checks.add(counts)


def run(options):
    checks = Checks(options.only)
    checks.check(made.faults("kubernetes"), "the PrometheusRule is the rules of deploy/prometheus")
    for title, (resources, components) in OVERLAYS.items():
        with tempfile.TemporaryDirectory(prefix="deploy-", dir="/tmp") as folder:
            try:
                rendered, warnings = build(folder, resources, components)
            except RuntimeError as error:
                checks.check([str(error)], f"{title}: kustomize builds it")
                continue
        checks.check(warnings, f"{title}: kustomize builds it without a warning")
        checks.check(faults_by_schema(rendered), f"{title}: valid by the schemas of Kubernetes and of the Prometheus operator")
        checks.check(faults_of_pods(rendered), f"{title}: its pods keep to the rules")
        if "monitoring" in components:
            checks.check(job_faults(rendered), f"{title}: the rules' job is the PodMonitor's, whatever its name")
        if "hydra-deployment.yaml" not in resources and "job" not in resources:
            checks.check(admin_faults(rendered, over_socket="sidecar" in resources), f"{title}: the admin API is private")
        if title == "sidecar":
            checks.check(blind_rules(rendered), "each rule finds what it is for")
            checks.check(blind_schemas(rendered), "the schemas find a field that is mistyped")
    checks.check(touched_others(), "a workload that is neither Hydra's nor the controller's stays as it is")
    check_page(checks)
    run_pods(checks, options.build, options.only)
    return checks.end()
