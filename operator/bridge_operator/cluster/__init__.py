"""The cluster backend: brings the Kubernetes objects of each pool to what the pool wants."""
