"""Random steps against a real operator: what may happen to a cluster in a year, in a minute."""
