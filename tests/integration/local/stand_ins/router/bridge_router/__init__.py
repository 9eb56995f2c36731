"""Stands in for the router where a test is about the supervisor only."""
