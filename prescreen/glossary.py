"""The words that need explaining, each in one or two plain sentences. A word's first form is its name; the others are how it appears in texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, eq=False)
class Word:
    """A word, its forms (by commas, so that a translator can give those of another language), and what it means."""

    key: str
    forms: str | Promise
    meaning: str | Promise

    @property
    def listed(self) -> list[str]:
        """All forms, the name first."""
        return [form.strip() for form in str(self.forms).split(",")]

    @property
    def name(self) -> str:
        """The word as the glossary lists it."""
        return self.listed[0]


WORDS = (
    Word(
        "aav",
        _("AAV, AAV1, AAV2, AAV5, AAV8, AAV9, AAVrh74"),
        _("A small virus that is not known to make people ill. It is often used as a vector. The number names its kind."),
    ),
    Word(
        "antibody",
        _("antibody, antibodies"),
        _("Something that your blood makes to catch and stop a germ. Your body makes a new kind for each germ that it meets."),
    ),
    Word("approved", _("approved, approval, approves"), _("A health authority has said that doctors may use this treatment for some patients.")),
    Word("art", _("ART, antiretroviral"), _("The daily pills or shots that keep HIV down. The letters stand for antiretroviral therapy.")),
    Word("assent", _("assent"), _("A child’s own yes to a trial. A parent or guardian must say yes too.")),
    Word("bone-marrow", _("bone marrow"), _("The soft part inside bones, where new blood cells are made.")),
    Word("boxed-warning", _("boxed warning"), _("The strongest warning on the label of a drug in the United States.")),
    Word(
        "car-t",
        _("CAR T, CAR T cell, CAR T cells, CAR-T"),
        _("T cells that get a new gene in a lab, so that they find and attack cancer cells. They are given back through a vein."),
    ),
    Word(
        "cd4-count", _("CD4 count, CD4 counts, CD4 cells"), _("A blood test that counts the cells that HIV attacks. A higher count means a stronger defense.")
    ),
    Word("chemotherapy", _("chemotherapy"), _("Strong drugs that kill cells that grow fast. They treat cancer. They can also make room for new blood cells.")),
    Word("cohort", _("cohort, cohorts"), _("A group of people in a trial. Each cohort may get its own dose, and may have its own rules.")),
    Word(
        "conditioning",
        _("conditioning"),
        _("Strong drugs that you get before changed cells are given back. They make room for the new cells, and they can be hard on the body."),
    ),
    Word(
        "consent",
        _("consent, informed consent"),
        _("You are told all about a trial, you can ask, and then you say yes or no. You can take back your yes at any time."),
    ),
    Word("crispr", _("CRISPR, CRISPR-Cas9, Cas9"), _("A tool for gene editing. It finds one place in the DNA and cuts there.")),
    Word("criterion", _("criterion, criteria"), _("One rule of a trial about who can take part. It says what must be so, or what must not be so.")),
    Word(
        "cytokine-release",
        _("cytokine release syndrome"),
        _("A strong reaction of the body after some cell treatments, with fever and low blood pressure. It needs care at once."),
    ),
    Word("dna", _("DNA"), _("The long thread inside your cells that holds your genes.")),
    Word("dose", _("dose, doses"), _("How much of a treatment you get.")),
    Word("engineered-cells", _("engineered cells"), _("Cells that get new skills in a lab. Then they are put into the body.")),
    Word("ex-vivo", _("ex vivo"), _("Outside the body. Your cells are taken out, changed in a lab, and given back.")),
    Word(
        "expanded-access",
        _("expanded access, compassionate use"),
        _("A way to get a treatment that is still being tested, without being in the trial. It is only for some very ill people."),
    ),
    Word("gene", _("gene, genes"), _("A piece of DNA that tells a cell how to make something, most often a protein.")),
    Word("gene-addition", _("gene addition"), _("A working copy of a gene is put into cells. The old gene stays where it is.")),
    Word("gene-editing", _("gene editing, genome editing"), _("A gene is changed in its own place, with a tool that cuts DNA.")),
    Word("gene-silencing", _("gene silencing"), _("A gene that does harm is turned down, so that it makes less.")),
    Word("gene-therapy", _("gene therapy, gene therapies"), _("A treatment that adds, changes or turns down a gene in some of your cells.")),
    Word(
        "genetic-report",
        _("genetic report, genetic test, genetic tests"),
        _("A test of your DNA, and the paper with the result. It names the gene and the change that was found."),
    ),
    Word("genotype", _("genotype"), _("Which forms of a gene you have. A genetic test shows it.")),
    Word(
        "health-authority",
        _("health authority, health authorities"),
        _("The office of a country that checks if treatments are safe and work. In the United States it is the FDA."),
    ),
    Word(
        "immune-system",
        _("immune system, immune response, immune reaction"),
        _("Your body’s own defense. It fights germs, and it may also fight a vector or the new protein."),
    ),
    Word("in-vivo", _("in vivo"), _("Inside the body. The treatment is given to you, and your cells are changed where they are.")),
    Word("infusion", _("infusion, infusions"), _("A liquid that runs slowly into a vein.")),
    Word(
        "lentivirus",
        _("lentivirus, lentiviral, lentiviral vector"),
        _("A virus that can put a gene into a cell’s own DNA to stay. As a vector, its harmful parts are taken out."),
    ),
    Word("long-term-follow-up", _("long-term follow-up, follow-up"), _("The years after a treatment in which the trial team checks how you are.")),
    Word(
        "neutralizing-antibody",
        _("neutralizing antibody, neutralizing antibodies"),
        _("An antibody that can stop a vector before it gets into your cells. A blood test can find it."),
    ),
    Word("oncolytic-virus", _("oncolytic virus, oncolytic viruses"), _("A virus that was changed so that it attacks cancer cells and spares the others.")),
    Word(
        "phase",
        _("phase, phases, phase 1, phase 2, phase 3"),
        _("The step that a trial is at. Phase 1 looks at safety and dose. Phases 2 and 3 look at how well it works."),
    ),
    Word("placebo", _("placebo, placebos"), _("Something that looks like the treatment but has no active part.")),
    Word("protein", _("protein, proteins"), _("What most genes make. Proteins do most of the work in your body.")),
    Word(
        "randomized",
        _("randomized, randomization, by chance"),
        _("Chance decides which group you are in, like the toss of a coin. Neither you nor the trial team picks."),
    ),
    Word(
        "review-board",
        _("review board, review boards"),
        _("A group of people who do not run the trial. They check that it is fair and as safe as it can be. It is also called an IRB."),
    ),
    Word("rna", _("RNA"), _("A short copy of a gene. It carries the gene’s message to the place where proteins are made.")),
    Word("side-effect", _("side effect, side effects"), _("Something that a treatment does and that you do not want, such as fever.")),
    Word("stem-cell", _("stem cell, stem cells"), _("A cell that can turn into other kinds of cells. Blood stem cells make all your blood cells.")),
    Word("t-cell", _("T cell, T cells"), _("A white blood cell that finds and kills sick cells.")),
    Word("trial", _("trial, trials, clinical trial, clinical trials"), _("A test of a treatment in people, to learn if it is safe and if it works.")),
    Word("trial-team", _("trial team, study team"), _("The doctors, nurses and others who run a trial. Only they can decide who can take part.")),
    Word("variant", _("variant, variants, mutation, mutations"), _("A change in a gene. Many do no harm. Some cause a disease.")),
    Word("vector", _("vector, vectors"), _("What carries the new gene into your cells. It is often a virus that can no longer make you ill.")),
    Word("viral-load", _("viral load"), _("How much HIV is in your blood. A low number means that treatment keeps the virus down.")),
    Word("washout", _("washout"), _("The time that must pass after one treatment before you can start another.")),
)
"""In no order: they are shown by name."""


class Spellings(NamedTuple):
    """How the words of one language are found in a text: all spellings as one pattern, and the word that each belongs to."""

    pattern: re.Pattern[str]
    words: dict[str, Word]


def spellings() -> Spellings:
    """The spellings in the language of the page."""
    return _spellings(get_language())


@cache
def _spellings(_language: str | None) -> Spellings:
    # A form is met as it is written, and with a capital where a sentence begins. An abbreviation has capitals already: ART is not art.
    words = {spelling: word for word in WORDS for form in word.listed for spelling in (form, form[0].upper() + form[1:])}
    # The longest first, so that "neutralizing antibody" is not read as "antibody". By first letters, which makes the search ten times as quick.
    letters: dict[str, list[str]] = {}
    for spelling in sorted(words, key=len, reverse=True):
        letters.setdefault(re.escape(spelling[0]), []).append(re.escape(spelling[1:]))
    found = "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in letters.items())
    return Spellings(re.compile(rf"\b(?:{found})\b"), words)


def by_name() -> list[Word]:
    """All words as a list to look things up in."""
    return sorted(WORDS, key=lambda word: word.name.lower())
