"""Stands in the installed program where pyHanko expects an HTTP client.

pyHanko imports aiohttp for time stamps fetched from a network, which this program never does. Only the two
names its annotations use exist here, so that neither aiohttp nor Python's TLS and HTTP modules are shipped.
"""


class BasicAuth:
    """Named by an annotation, never made."""


class ClientSession:
    """Named by an annotation, never made."""
