"""The browser pod: one instance, which is one Chromium with several slots, behind the OpenAI API."""
