"""The soak: many chats, some of them with faults, and what must be as it was afterwards."""
