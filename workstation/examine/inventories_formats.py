"""Which bytes are inventories, and which examiner reads them."""

from workstation.examine.formats import Format

FORMATS: tuple[Format, ...] = ()
