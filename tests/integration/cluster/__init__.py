"""Against a real Kubernetes API. A package for pytest: what its tests share, and the network they run in, ends with them."""
