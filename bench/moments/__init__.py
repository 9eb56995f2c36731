"""How long things take that happen now and then: a start, a death, a wave of load."""
