"""Where the API keeps the objects of each kind: paths known beforehand, so that nothing need be discovered.

Discovery costs two or more requests before the first useful one. The kinds that runbooks read every day have
stood in these groups for years; any other is found by its `api_version` with one request.
"""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from runbook.errors import ParameterError


class Place(msgspec.Struct, frozen=True):
    """The group, version and plural of a kind."""

    api_version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str | None = None, name: str | None = None, sub: str | None = None) -> str:
        """The path of an object (and its subresource `sub`), or of the list of all."""
        root = "/api" if "/" not in self.api_version else "/apis"
        parts = [root, self.api_version]
        if self.namespaced and namespace:
            parts += ["namespaces", _segment(namespace)]
        parts.append(self.plural)
        parts += [_segment(part) for part in (name, sub) if part]
        return "/".join(parts)


def _segment(name: str) -> str:
    """A name as part of a path. What the API calls no name could lead to another object on its way."""
    if name in (".", "..") or "/" in name or "%" in name:  # apimachinery, IsValidPathSegmentName
        raise ParameterError(f"{name!r} cannot be a name in Kubernetes")
    return quote(name, safe="")


PLACES: dict[str, Place] = {
    "APIService": Place("apiregistration.k8s.io/v1", "apiservices", namespaced=False),
    "CSIDriver": Place("storage.k8s.io/v1", "csidrivers", namespaced=False),
    "CertificateSigningRequest": Place("certificates.k8s.io/v1", "certificatesigningrequests", namespaced=False),
    "ClusterRole": Place("rbac.authorization.k8s.io/v1", "clusterroles", namespaced=False),
    "ClusterRoleBinding": Place("rbac.authorization.k8s.io/v1", "clusterrolebindings", namespaced=False),
    "ConfigMap": Place("v1", "configmaps"),
    "ControllerRevision": Place("apps/v1", "controllerrevisions"),
    "CronJob": Place("batch/v1", "cronjobs"),
    "CustomResourceDefinition": Place("apiextensions.k8s.io/v1", "customresourcedefinitions", namespaced=False),
    "DaemonSet": Place("apps/v1", "daemonsets"),
    "Deployment": Place("apps/v1", "deployments"),
    "EndpointSlice": Place("discovery.k8s.io/v1", "endpointslices"),
    "Endpoints": Place("v1", "endpoints"),
    "Event": Place("v1", "events"),
    "FlowSchema": Place("flowcontrol.apiserver.k8s.io/v1", "flowschemas", namespaced=False),
    "HorizontalPodAutoscaler": Place("autoscaling/v2", "horizontalpodautoscalers"),
    "Ingress": Place("networking.k8s.io/v1", "ingresses"),
    "IngressClass": Place("networking.k8s.io/v1", "ingressclasses", namespaced=False),
    "Job": Place("batch/v1", "jobs"),
    "Lease": Place("coordination.k8s.io/v1", "leases"),
    "LimitRange": Place("v1", "limitranges"),
    "MutatingWebhookConfiguration": Place(
        "admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", namespaced=False
    ),
    "Namespace": Place("v1", "namespaces", namespaced=False),
    "NetworkPolicy": Place("networking.k8s.io/v1", "networkpolicies"),
    "Node": Place("v1", "nodes", namespaced=False),
    "PersistentVolume": Place("v1", "persistentvolumes", namespaced=False),
    "PersistentVolumeClaim": Place("v1", "persistentvolumeclaims"),
    "Pod": Place("v1", "pods"),
    "PodDisruptionBudget": Place("policy/v1", "poddisruptionbudgets"),
    "PodTemplate": Place("v1", "podtemplates"),
    "PriorityClass": Place("scheduling.k8s.io/v1", "priorityclasses", namespaced=False),
    "PriorityLevelConfiguration": Place(
        "flowcontrol.apiserver.k8s.io/v1", "prioritylevelconfigurations", namespaced=False
    ),
    "ReplicaSet": Place("apps/v1", "replicasets"),
    "ReplicationController": Place("v1", "replicationcontrollers"),
    "ResourceQuota": Place("v1", "resourcequotas"),
    "Role": Place("rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": Place("rbac.authorization.k8s.io/v1", "rolebindings"),
    "RuntimeClass": Place("node.k8s.io/v1", "runtimeclasses", namespaced=False),
    "Secret": Place("v1", "secrets"),
    "Service": Place("v1", "services"),
    "ServiceAccount": Place("v1", "serviceaccounts"),
    "StatefulSet": Place("apps/v1", "statefulsets"),
    "StorageClass": Place("storage.k8s.io/v1", "storageclasses", namespaced=False),
    "ValidatingWebhookConfiguration": Place(
        "admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", namespaced=False
    ),
    "VolumeAttachment": Place("storage.k8s.io/v1", "volumeattachments", namespaced=False),
}
