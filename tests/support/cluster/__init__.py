"""A Kubernetes API for tests: a real control plane, a fake kubelet, and pods that the tests play themselves."""
