"""The `arena` adapter: gestures on the page, and pure readings of what the site sends."""
