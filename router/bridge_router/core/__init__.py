"""What the router decides: pure functions and synchronous state. No I/O and no clock in here; both come as arguments."""
