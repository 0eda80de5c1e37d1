"""Kubernetes resources as they are rendered: read, judged by their schemas, and taken apart."""

import functools
import os

import jsonschema
import kubernetes_validate
import yaml

from checks import tool

# The oldest and the newest that they are meant for.
KUBERNETES_VERSIONS = ("1.29", "1.37")
OPERATOR_GROUP = "monitoring.coreos.com/"


class Resources(list):
    """All of one rendering."""

    @classmethod
    def of(cls, text):
        return cls(resource for resource in yaml.safe_load_all(text) if resource)

    def kind(self, *kinds):
        return [resource for resource in self if resource["kind"] in kinds]

    def named(self, kind, name):
        return next((resource for resource in self.kind(kind) if resource["metadata"]["name"] == name), None)

    def workloads(self):
        return self.kind("StatefulSet", "Deployment", "Job")

    def settings(self, container):
        """The environment of a container: name to value, in the order in which Kubernetes applies them."""
        found = {}
        for source in container.get("envFrom", []):
            found.update(self.named("ConfigMap", source["configMapRef"]["name"])["data"])
        found.update({entry["name"]: entry.get("value", "") for entry in container.get("env", [])})
        return found


def name_of(resource):
    return f"{resource['kind']} {resource['metadata']['name']}"


def pod_of(workload):
    return workload["spec"]["template"]["spec"]


def containers_of(workload):
    pod = pod_of(workload)
    return pod.get("initContainers", []) + pod["containers"]


def container(workload, name):
    return next((one for one in containers_of(workload) if one["name"] == name), None)


@functools.cache
def operator_schema(kind, version):
    """The Prometheus operator's own definition."""
    with open(os.path.join(tool("crds"), f"{OPERATOR_GROUP.rstrip('/')}_{kind.lower()}s.yaml"), encoding="utf-8") as file:
        definition = yaml.safe_load(file)["spec"]
    schema = closed(next(one["schema"]["openAPIV3Schema"] for one in definition["versions"] if one["name"] == version))
    schema["properties"]["metadata"] = {"type": "object"}  # Kubernetes' own to judge
    return schema


def closed(schema):
    """Kubernetes drops what a definition does not name; here it is an error, since it is a mistake."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {name: closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        schema["additionalProperties"] = False
    return schema


def faults_of_operator(resource):
    schema = operator_schema(resource["kind"], resource["apiVersion"].removeprefix(OPERATOR_GROUP))
    return [f"{name_of(resource)}: {error.json_path}: {error.message[:300]}" for error in jsonschema.Draft7Validator(schema).iter_errors(resource)]


def faults_by_schema(resources):
    """What the schemas of Kubernetes, or of the operator, find wrong."""
    faults = []
    for resource in resources:
        if resource["apiVersion"].startswith(OPERATOR_GROUP):
            faults += faults_of_operator(resource)
            continue
        for version in KUBERNETES_VERSIONS:
            try:
                kubernetes_validate.validate(resource, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                faults.append(f"{name_of(resource)}, Kubernetes {version}: {'.'.join(str(step) for step in error.path)}: {error.message[:300]}")
            except kubernetes_validate.SchemaNotFoundError as error:
                faults.append(f"{name_of(resource)}, Kubernetes {version}: {error.message}")
    return faults
