"""What tests of several levels share: waiting for a condition, free ports, and processes with their trees."""
