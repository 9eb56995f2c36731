"""How the router learns which pools and instances exist: from a file, or from the Kubernetes API."""
