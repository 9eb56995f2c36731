"""The kinds of chat page that an instance can drive: one folder for each, behind the seam of `base`."""
