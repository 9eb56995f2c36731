"""Benchmarks: what the bridge costs and how fast it is, measured against its peers in the same run (`make bench`)."""
