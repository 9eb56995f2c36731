"""The operator: brings instances to what the pools want, as processes here (`local`) or, later, in a cluster."""
