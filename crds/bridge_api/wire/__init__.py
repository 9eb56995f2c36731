"""What the parts say to each other: one module for each conversation."""
