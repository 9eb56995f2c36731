"""What the site remembers and decides: plain data and rules, no I/O."""
