"""What clients and people see: the handlers of the router's HTTP API, and what surrounds each of them."""
