"""What every pod of deploy/ keeps to. Each rule gives what is wrong, in words; nothing where all is well."""

import json

from checks import read
from resources import container, containers_of, name_of, pod_of
from settings import GIT_SYNC_SETTINGS, settings_of_command

OURS, GIT_SYNC = "hydra-clients", "git-sync"


def restricted(workload, _resources):
    """Kubernetes' Pod Security Standard "restricted", and no writable root."""
    faults, of_pod = [], pod_of(workload).get("securityContext", {})
    for one in containers_of(workload):
        own = one.get("securityContext", {})

        def either(name, own=own):
            return own.get(name, of_pod.get(name))
        wanted = {
            "runAsNonRoot is true": either("runAsNonRoot") is True,
            "a numeric user that is not root": isinstance(either("runAsUser"), int) and either("runAsUser") > 0,
            "a numeric group that is not root": isinstance(either("runAsGroup"), int) and either("runAsGroup") > 0,
            "seccompProfile is RuntimeDefault": (either("seccompProfile") or {}).get("type") == "RuntimeDefault",
            "allowPrivilegeEscalation is false": own.get("allowPrivilegeEscalation") is False,
            "all capabilities are dropped": own.get("capabilities") == {"drop": ["ALL"]},
            "a read-only root": own.get("readOnlyRootFilesystem") is True,
            "not privileged": not own.get("privileged"),
        }
        faults += [f"{one['name']}: {what}" for what, holds in wanted.items() if not holds]
    faults += [f"the pod: no {name}" for name in ("hostNetwork", "hostPID", "hostIPC") if pod_of(workload).get(name)]
    faults += [f"volume {volume['name']}: no hostPath" for volume in pod_of(workload).get("volumes", []) if "hostPath" in volume]
    return faults


def closed_to_the_cluster(workload, _resources):
    """No token of Kubernetes' API, and no variables of Services."""
    pod = pod_of(workload)
    return [f"{name} is false" for name in ("automountServiceAccountToken", "enableServiceLinks") if pod.get(name) is not False]


def measured_memory(clients):
    """The peak with so many clients in sync, in MB, as tests/bench/run found it."""
    return json.loads(read("docs", "performance.json"))["scale"]["rows"][f"memory-{clients}"]["value"]


def bounded(workload, _resources):
    """Requests, and a bound on memory, by what was measured. None on CPU: a throttled liveness probe would end a healthy process."""
    faults = []
    for one in containers_of(workload):
        resources = one.get("resources", {})
        if set(resources.get("requests", {})) != {"cpu", "memory"} or set(resources.get("limits", {})) != {"memory"}:
            faults.append(f"{one['name']}: requests of cpu and memory, a limit of memory: {resources}")
        elif one["name"] == OURS:
            asked = {kind: int(resources[kind]["memory"].removesuffix("Mi")) * 2**20 / 1e6 for kind in ("requests", "limits")}
            faults += [f"{OURS}: {kind} {asked[kind]:.0f} MB of memory, {clients} clients take {measured_memory(clients):.0f}"
                       for kind, clients in (("requests", 10_000), ("limits", 100_000)) if asked[kind] < measured_memory(clients)]
    return faults


def whole(workload, resources):
    """Whatever is named is there."""
    volumes = {volume["name"] for volume in pod_of(workload).get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    faults = []
    for one in containers_of(workload):
        faults += [f"{one['name']}: no volume {mount['name']}" for mount in one.get("volumeMounts", []) if mount["name"] not in volumes]
        names = [source.get("configMapRef", {}).get("name") for source in one.get("envFrom", [])]
        faults += [f"{one['name']}: no ConfigMap {name}" for name in names if not resources.named("ConfigMap", name)]
    if workload["kind"] != "Job":
        selector, labels = workload["spec"]["selector"]["matchLabels"], workload["spec"]["template"]["metadata"]["labels"]
        faults += [f"its selector does not select its pods: {selector}, {labels}"] if not selector.items() <= labels.items() else []
    return faults


def secrets_in_files(workload, _resources):
    """A variable is inherited by every child and shown by many a tool."""
    faults = []
    for one in containers_of(workload):
        faults += [f"{one['name']}: secretRef" for source in one.get("envFrom", []) if "secretRef" in source]
        faults += [f"{one['name']}: {entry['name']} from a Secret" for entry in one.get("env", []) if "secretKeyRef" in entry.get("valueFrom", {})]
    return faults


def known_settings(workload, resources):
    """A variable that is mistyped would be ignored by git-sync, and be a warning of ours."""
    faults = []
    for one in containers_of(workload):
        if one["name"] == OURS:
            known, prefix = settings_of_command(one["args"][0]), "HYDRA_CLIENTS_"
        elif one["name"] == GIT_SYNC:
            known, prefix = GIT_SYNC_SETTINGS, "GITSYNC_"
        else:
            continue
        faults += [f"{one['name']}: {name}" for name in resources.settings(one) if name not in known or not name.startswith(prefix)]
    return faults


def probed(workload, _resources):
    """Liveness by the loop's heartbeat alone. Beside Hydra no readiness: it would take Hydra out of service with Git."""
    if workload["kind"] == "Job":
        return []
    ours, beside_hydra = container(workload, OURS), container(workload, "hydra") is not None
    wanted = {"livenessProbe": "/healthz"} if beside_hydra else {"livenessProbe": "/healthz", "readinessProbe": "/readyz"}
    faults = [f"{OURS}: {name} asks {path}" for name, path in wanted.items() if ours.get(name, {}).get("httpGet") != {"path": path, "port": "metrics"}]
    faults += [f"{one['name']}: no readiness probe" for one in containers_of(workload) if one["name"] in (OURS, GIT_SYNC) and "readinessProbe" in one
               and beside_hydra]
    return faults


def outbox_lasts(workload, resources):
    """Generated secrets stand on a volume of the pod's own that outlives it."""
    ours = container(workload, OURS)
    outbox = resources.settings(ours).get("HYDRA_CLIENTS_OUTBOX")
    if outbox is None:
        return []
    claims = {claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])}
    claims -= {volume["name"] for volume in pod_of(workload).get("volumes", [])}
    mounts = [mount for mount in ours["volumeMounts"] if outbox.startswith(mount["mountPath"] + "/")]
    return [] if mounts and all(mount["name"] in claims for mount in mounts) else [f"{outbox} is not on one of {claims or 'no claims'}"]


def private_stays_private(workload, _resources):
    """Else each start of a pod gives every file of its volumes to the group anew, the outbox among them."""
    policy = pod_of(workload).get("securityContext", {}).get("fsGroupChangePolicy")
    return [] if workload["kind"] == "Job" or policy == "OnRootMismatch" else [f"fsGroupChangePolicy is {policy}"]


RULES = (restricted, closed_to_the_cluster, bounded, whole, secrets_in_files, known_settings, probed, outbox_lasts, private_stays_private)


def faults_of_pods(resources):
    return [f"{name_of(workload)}: {rule.__name__}: {fault}"
            for workload in resources.workloads() for rule in RULES for fault in rule(workload, resources)]
