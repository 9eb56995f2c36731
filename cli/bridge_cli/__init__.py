"""`bridge`: starts the parts as processes, and talks to them over HTTP."""
