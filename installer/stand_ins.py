"""Stand in the installed program for modules that speak to a network and are not shipped.

Libraries name them without ever using them here: pyHanko for time stamps and certificates fetched from
servers, the standard library's XML tools and reportlab for documents at an address. Whatever is asked of a
stand-in is a class that refuses to be made.
"""

import sys
import types
import urllib
import urllib.parse

REFUSING = (
    "aiohttp",
    "pyhanko_certvalidator.fetchers.aiohttp_fetchers",
    "pyhanko_certvalidator.fetchers.aiohttp_fetchers.util",
    "urllib.request",
)


class Refused:
    """Anything a stand-in is asked for."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise OSError("this program has no network")


class _StandIn(types.ModuleType):
    def __getattr__(self, name: str) -> type[Refused]:
        if name.startswith("__"):
            raise AttributeError(name)
        return Refused


def install() -> None:
    """Put the stand-ins where imports find them; call before anything else is imported."""
    for name in REFUSING:
        sys.modules[name] = _StandIn(name, __doc__)
    names = sys.modules["urllib.request"]
    # Turning file names into addresses and back touches nothing outside the process.
    vars(names).update(pathname2url=urllib.parse.quote, url2pathname=urllib.parse.unquote)
    vars(urllib)["request"] = names
