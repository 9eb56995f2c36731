"""What is said of a pool: pure functions from what was seen to its status, with reasons that say what to do."""
