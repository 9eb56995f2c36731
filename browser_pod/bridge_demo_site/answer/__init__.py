"""What the site answers: pure functions from a request to timed bytes."""
