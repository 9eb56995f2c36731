"""What the benchmarks share: systems to measure, process trees, statistics, results and their tables."""
