"""The local backend: the same system on one machine, with processes in place of Deployments."""
