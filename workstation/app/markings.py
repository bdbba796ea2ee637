"""Markings for every caller: the vocabulary in force and the sentence for each rule."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import resources
from workstation.core.markings import (
    BrokenRule,
    Kind,
    Marking,
    MarkingCheck,
    Profile,
    Vocabulary,
    check,
    parse,
    parse_vocabulary,
    rollup,
)

VOCABULARY = "vocabularies/markings-us-v1.json"
RULES = "vocabularies/marking-rules-v1.toml"


@dataclass(frozen=True, kw_only=True)
class RuleText:
    """One rule in words: what is wrong, what to write instead, and the source that asks for it."""

    what: str
    next: str
    source: str


@cache
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary shipped with the workstation."""
    return parse_vocabulary(resources.read_bytes(VOCABULARY))


def vocabulary() -> Vocabulary:
    """The vocabulary in force: the open vault's, else the shipped one."""
    return rules().vocabulary


def parse_marking(text: str, kind: Kind = Kind.BANNER, profile: Profile = Profile.IC_DOD) -> Marking:
    """The marking a text is, by the vocabulary in force; raises ``MarkingInvalid``."""
    return parse(text, kind, profile, vocabulary=vocabulary())


def check_marking(text: str, kind: Kind | None = None, profile: Profile = Profile.IC_DOD) -> MarkingCheck:
    """Every rule a text breaks, by the vocabulary in force."""
    return check(text, vocabulary=vocabulary(), kind=kind, profile=profile)


def explain(broken: BrokenRule) -> RuleText:
    """The sentences for a broken rule; what was written is shown with its unprintable characters visible."""
    entry = _rules()[broken.rule]
    # Letters of other scripts are printable, and that is the trouble with them here.
    shown = "".join(char if " " <= char <= "~" else f"U+{ord(char):04X}" for char in broken.written)
    return RuleText(
        what=entry["what"].replace("{written}", shown), next=entry["next"], source=entry["source"]
    )


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.read_text(RULES))


@dataclass(kw_only=True)
class Rules:
    """Satisfies ``core.service_ports.MarkingRules``. One vault is open at a time, and its words hold."""

    vocabulary: Vocabulary

    def use(self, vocabulary: Vocabulary) -> None:
        """Read and roll up by these words from here on."""
        self.vocabulary = vocabulary

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


@cache
def rules() -> Rules:
    """The rules of this process; by the vocabulary that ships with the program until a vault is open."""
    return Rules(vocabulary=shipped_vocabulary())
