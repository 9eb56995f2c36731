"""A stand-in for the arena site: its pages, its calls, its answer stream, and its failures on demand."""
