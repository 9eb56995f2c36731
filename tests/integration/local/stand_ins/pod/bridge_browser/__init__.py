"""Stands in for the browser pod where a test is about the supervisor only."""
