"""What every process of the system does alike: settings, logs, probes, and ending with its parent."""
