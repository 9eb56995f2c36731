"""What the bridge is compared with."""
