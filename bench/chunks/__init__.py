"""The chunk path: a source of stamped chunks, and the ways by which they leave a page."""
