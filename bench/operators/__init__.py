"""The cluster operator and a peer, each as a process beside a real API server: how fast, how big, how quiet."""
