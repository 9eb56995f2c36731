"""What a request is called in logs and answers: the id that the client gave it, where that is sane."""

MAX_REQUEST_ID_LENGTH = 128


def sane_request_id(given: str | None) -> str | None:
    """Return a client's request id if it can stand in a header and in a log line, or None."""
    if not given or len(given) > MAX_REQUEST_ID_LENGTH:
        return None
    return given if given.isascii() and given.isprintable() else None
