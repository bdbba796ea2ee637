"""Which bytes are archives and compressed streams."""

from workstation.examine.formats import Format

FORMATS: tuple[Format, ...] = ()
