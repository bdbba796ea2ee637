"""The marking vocabulary in force, as the workflows use it."""

from collections.abc import Sequence
from dataclasses import dataclass

import resources
from workstation.core.markings import Kind, Marking, Vocabulary, parse, parse_vocabulary, rollup


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Satisfies ``core.service_ports.MarkingRules``."""

    vocabulary: Vocabulary

    def parse(self, text: str) -> Marking:
        """A banner; raises MarkingInvalid with what to write instead."""
        return parse(text, Kind.BANNER, vocabulary=self.vocabulary)

    def portion(self, text: str) -> Marking:
        """A portion mark."""
        return parse(text, Kind.PORTION, vocabulary=self.vocabulary)

    def roll_up(self, banners: Sequence[str]) -> Marking:
        """The marking that covers all of these banners; at least one."""
        return rollup([self.parse(text) for text in banners])

    def roll_up_portions(self, portions: Sequence[str]) -> str:
        """The portion mark that covers all of them; empty for none."""
        if not portions:
            return ""
        return rollup([self.portion(text) for text in portions], Kind.PORTION).portion()


def shipped_rules() -> Rules:
    """The vocabulary that ships with the program."""
    return Rules(vocabulary=parse_vocabulary(resources.read_bytes("vocabularies/markings-us-v1.json")))
