"""The shipped vocabulary, for every test of markings."""

import pytest

import resources
from workstation.core.markings import Vocabulary, parse_vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The vocabulary as it ships."""
    return parse_vocabulary(resources.read_bytes("vocabularies/markings-us-v1.json"))
