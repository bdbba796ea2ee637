"""CycloneDX held against its published schemas, which come with the library and are never fetched.

The library's own validator is taken apart because two of its habits are quadratic or worse on hostile input:
the comparison of every array item with every other, and the grammar-driven check of addresses.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from workstation.examine.inventories import formats_of_text

if TYPE_CHECKING:
    from lxml import etree

JSON_VERSIONS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
XML_VERSIONS = ("1.0", "1.1", *JSON_VERSIONS)


def json_errors(content: dict[str, Any], version: str) -> Iterator[tuple[str, str]]:
    """Where and what is wrong, one after the other."""
    for error in _json_validator(version).iter_errors(content):
        yield error.json_path, error.message


@cache
def _json_validator(version: str) -> Any:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - only inside the sandbox
    from cyclonedx.validation.json import JsonValidator  # noqa: PLC0415
    from jsonschema import Draft7Validator, FormatChecker, validators  # noqa: PLC0415

    checker = FormatChecker(formats=())
    for name, check in (
        ("date-time", formats_of_text.is_date_time),
        ("iri-reference", formats_of_text.is_iri_reference),
        ("uri-reference", formats_of_text.is_iri_reference),
        ("iri", formats_of_text.is_iri),
        ("uri", formats_of_text.is_iri),
        ("email", formats_of_text.is_email),
        ("idn-email", formats_of_text.is_email),
    ):
        checker.checks(name)(check)
    given: Any = JsonValidator(SchemaVersion.from_version(version))._validator  # noqa: SLF001 - see above
    extend: Any = validators.extend
    quick = extend(Draft7Validator, {"uniqueItems": _unique_items})
    return quick(given.schema, registry=given._registry, format_checker=checker)  # noqa: SLF001


def _unique_items(_validator: Any, wanted: object, items: object, _schema: object) -> Iterator[Any]:
    """JSON Schema's ``uniqueItems`` by a set of spellings instead of by pairs."""
    from jsonschema import ValidationError  # noqa: PLC0415 - only inside the sandbox

    if wanted and isinstance(items, list):
        spellings = {json.dumps(item, sort_keys=True) for item in items}
        if len(spellings) != len(items):
            yield ValidationError(f"{len(items) - len(spellings)} of {len(items)} items are not unique")


def xml_errors(tree: "etree._ElementTree", version: str) -> Iterator[tuple[str, str]]:
    """Where and what is wrong, one after the other."""
    schema = _xml_schema(version)
    if not schema.validate(tree):
        for error in schema.error_log:
            yield f"line {error.line}", error.message


@cache
def _xml_schema(version: str) -> Any:
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - only inside the sandbox
    from cyclonedx.validation.xml import XmlValidator  # noqa: PLC0415

    return XmlValidator(SchemaVersion.from_version(version))._validator  # noqa: SLF001 - see above
