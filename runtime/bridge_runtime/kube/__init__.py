"""The Kubernetes API as operator and router use it: raw objects over the official client, and informers on top."""

from bridge_runtime.kube.errors import Gone, KubeError, Unreachable
from bridge_runtime.kube.informer import Change, Informer
from bridge_runtime.kube.objects import Key, Object, key_of
from bridge_runtime.kube.resource import Resource

__all__ = ["Change", "Gone", "Informer", "Key", "KubeError", "Object", "Resource", "Unreachable", "key_of"]
