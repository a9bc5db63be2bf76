"""Lints and renders the Helm chart, holds what comes out against the schemas of Kubernetes, and its parts against each
other: check.py CHART DOCUMENT-OF-VARIABLES"""

import logging
import re
import sys

import helm_python as helm
import kubernetes_validate
import yaml

OLDEST, NEWEST = "1.25", "1.37"
SECRETS = {"existingSecret": "scalelite-secrets"}
VALUES = {
    "as it is": SECRETS,
    "everything on": {
        **SECRETS,
        "env": {"MULTITENANCY_ENABLED": "true", "POLL_INTERVAL": 30},
        "imagePullSecrets": [{"name": "registry"}],
        "serviceAccount": {"annotations": {"a": "b"}},
        "api": {"podAnnotations": {"a": "b"}, "nodeSelector": {"disk": "ssd"}, "tolerations": [{"operator": "Exists"}],
                "affinity": {"nodeAffinity": {}}},
        "recordings": {"persistence": {"storageClassName": "nfs"}},
        "service": {"annotations": {"a": "b"}, "type": "LoadBalancer"},
        "ingress": {"className": "nginx", "annotations": {"a": "b"}, "tlsSecretName": "tls",
                    "extraHosts": ["*.bbb.example.org"]},
        "metrics": {"enabled": True, "port": 9500},
        "networkPolicy": {"enabled": True, "nginxFrom": [{"namespaceSelector": {}}],
                          "metricsFrom": [{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}]},
    },
    "everything off": {
        **SECRETS,
        "serviceAccount": {"create": False},
        "api": {"autoscaling": {"enabled": False}, "podDisruptionBudget": {"enabled": False}},
        "nginx": {"podDisruptionBudget": {"enabled": False}},
        "recordings": {"enabled": False},
        "ingress": {"enabled": False},
    },
    "a volume that is there": {**SECRETS, "recordings": {"persistence": {"existingClaim": "old"}}},
}


def rendered(chart, values):
    manifests = chart.render(values, name="demo", namespace="prod")
    for path, text in sorted(manifests.items()):
        if not path.endswith(".txt"):
            yield from (document for document in yaml.safe_load_all(text) if document)


def selects(selector, deployment):
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    return selector.items() <= labels.items()


def check_objects(objects, known):
    deployments = [thing for thing in objects if thing["kind"] == "Deployment"]
    names = {(thing["kind"], thing["metadata"]["name"]) for thing in objects}
    assert len(names) == len(objects), "two objects of one name"
    for thing in objects:
        kind, spec = thing["kind"], thing.get("spec", {})
        if kind in ("Deployment", "PodDisruptionBudget"):
            selector = spec["selector"]["matchLabels"]
        elif kind == "NetworkPolicy":
            selector = spec["podSelector"]["matchLabels"]
        elif kind == "Service":
            selector = spec["selector"]
        elif kind == "HorizontalPodAutoscaler":
            assert ("Deployment", spec["scaleTargetRef"]["name"]) in names
            continue
        elif kind == "Ingress":
            for rule in spec["rules"]:
                for path in rule["http"]["paths"]:
                    assert ("Service", path["backend"]["service"]["name"]) in names
            continue
        elif kind == "ConfigMap":
            unknown = thing["data"].keys() - known
            assert not unknown, f"no such variables: {unknown}"
            assert all(isinstance(value, str) for value in thing["data"].values())
            continue
        else:
            continue
        component = selector["app.kubernetes.io/component"]
        found = [one for one in deployments if selects(selector, one)]
        assert len(found) == 1 or component == "recording-importer", f"{kind} {thing['metadata']['name']}: {len(found)}"
    for deployment in deployments:
        check_pod(deployment["spec"]["template"]["spec"], names)
    check_metrics(objects, deployments)


def check_metrics(objects, deployments):
    """All three processes tell them or none, and whoever may ask reaches them."""
    (bind,) = [thing["data"].get("METRICS_BIND") for thing in objects if thing["kind"] == "ConfigMap"]
    policies = {thing["metadata"]["name"]: thing["spec"].get("ingress", [])
                for thing in objects if thing["kind"] == "NetworkPolicy"}
    for deployment in deployments:
        name = deployment["metadata"]["name"]
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        ports = [port["containerPort"] for port in container.get("ports", []) if port["name"] == "metrics"]
        tells = bind is not None and container["name"] != "nginx"
        assert [f"0.0.0.0:{port}" for port in ports] == ([bind] if tells else []), f"{name}: {ports}, {bind}"
        allowed = [rule["from"] for rule in policies.get(name, []) if rule["ports"] == [{"port": "metrics"}]]
        monitoring = [{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}]
        assert allowed == ([monitoring] if tells and policies else []), f"{name}: {allowed}"


def check_pod(pod, names):
    (container,) = pod["containers"]
    as_whom = pod["securityContext"]
    assert (as_whom["runAsNonRoot"], as_whom["runAsUser"], as_whom["fsGroup"]) == (True, 1000, 2000)
    limits = container["securityContext"]
    assert limits["readOnlyRootFilesystem"] and not limits["allowPrivilegeEscalation"]
    assert limits["capabilities"]["drop"] == ["ALL"]
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
    # What is in flight has 30 seconds after that.
    assert int(sleep[1]) + 30 <= pod["terminationGracePeriodSeconds"], sleep
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes.keys()
    claim = volumes.get("recordings", {}).get("persistentVolumeClaim", {}).get("claimName")
    assert claim in (None, "old") or ("PersistentVolumeClaim", claim) in names, claim
    for source in container["envFrom"]:
        name = source.get("configMapRef", {}).get("name")
        assert name is None or ("ConfigMap", name) in names
        assert name or (source["secretRef"]["name"] == "scalelite-secrets" and container["name"] != "nginx")


def main(path, document):
    logging.disable(logging.WARNING)
    with open(document, encoding="utf-8") as text:
        known = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text.read(), re.MULTILINE))
    found = helm.lint(path)
    assert not found["errors"], found
    with helm.Chart.load(path) as chart:
        for what, values in VALUES.items():
            objects = list(rendered(chart, values))
            for thing in objects:
                for version in (OLDEST, NEWEST):
                    kubernetes_validate.validate(thing, version, strict=True)
            check_objects(objects, known)
            print(f"{what}: {len(objects)} objects")
        try:
            list(rendered(chart, {}))
        except Exception as error:  # the library has many
            assert "existingSecret" in str(error), error
        else:
            raise AssertionError("without a Secret it must not install")


main(*sys.argv[1:])
