"""Kubernetes Events of a pool: what a person wants to know has happened, and not more often than they can read."""
