"""The router's side towards the pods: following their status, and trying a request at one of them."""
