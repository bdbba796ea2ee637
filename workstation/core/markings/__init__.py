"""Classification and control markings: read, judge, print, compare and roll up. Pure.

vocabulary = parse_vocabulary(content)
banner = parse("SECRET//NOFORN", vocabulary=vocabulary)
portion = parse("(S//NF)", Kind.PORTION, vocabulary=vocabulary)
require_rolls_up(banner, [portion])
dominates(medium, banner)
"""

from workstation.core.markings.authority import (
    AuthorityBlock,
    AuthorityBlockIncomplete,
    AuthorityBlockMissing,
    BlockKind,
    CuiDesignation,
    Source,
    block_problems,
    require_block,
)
from workstation.core.markings.checking import MarkingCheck, MarkingInvalid, check, parse
from workstation.core.markings.dominance import dominates, shortfalls
from workstation.core.markings.model import Kind, Marking, Profile, System
from workstation.core.markings.release import ReleaseListMissing
from workstation.core.markings.rollup import (
    BannerBelowPortions,
    CompilationUnexplained,
    NothingToRollUp,
    require_rolls_up,
    rollup,
)
from workstation.core.markings.text import BrokenRule, guess_kind
from workstation.core.markings.vocabulary import Level, Vocabulary, VocabularyUnusable, parse_vocabulary

__all__ = [
    "AuthorityBlock",
    "AuthorityBlockIncomplete",
    "AuthorityBlockMissing",
    "BannerBelowPortions",
    "BlockKind",
    "BrokenRule",
    "CompilationUnexplained",
    "CuiDesignation",
    "Kind",
    "Level",
    "Marking",
    "MarkingCheck",
    "MarkingInvalid",
    "NothingToRollUp",
    "Profile",
    "ReleaseListMissing",
    "Source",
    "System",
    "Vocabulary",
    "VocabularyUnusable",
    "block_problems",
    "check",
    "dominates",
    "guess_kind",
    "parse",
    "parse_vocabulary",
    "require_block",
    "require_rolls_up",
    "rollup",
    "shortfalls",
]
