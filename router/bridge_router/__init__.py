"""The router: admits, queues, picks an instance, retries, and passes answers on as they come."""
