"""The contract between the parts: names, spec, status and wire formats.

Imported by every part, imports none of them, and does no I/O.
"""
