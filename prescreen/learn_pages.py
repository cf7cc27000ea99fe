"""The pages to learn from: their order, their summaries, and where their facts are from. Their texts are in templates/learn/, one file a page.

The order is that in which a frightened parent asks. A source without an address is one whose address could not be confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REVIEWED = date(2026, 11, 22)

FDA = "US Food and Drug Administration"
NIH = "US National Institutes of Health"
MEDLINEPLUS = "MedlinePlus Genetics, US National Library of Medicine"
NHGRI = "US National Human Genome Research Institute"
NHLBI = "US National Heart, Lung, and Blood Institute"
NCI = "US National Cancer Institute"
FTC = "US Federal Trade Commission"
ISSCR = "International Society for Stem Cell Research"
ISCT = "International Society for Cell & Gene Therapy"


@dataclass(frozen=True)
class Source:
    """A page of an authority that a fact is from. Names and titles are theirs, and are not translated."""

    by: str
    title: str
    address: str = ""


WHAT_IS = Source(FDA, "What is Gene Therapy?", "https://www.fda.gov/vaccines-blood-biologics/cellular-gene-therapy-products/what-gene-therapy")
HOW_IT_WORKS = Source(MEDLINEPLUS, "How does gene therapy work?", "https://medlineplus.gov/genetics/understanding/therapy/procedures/")
IS_IT_SAFE = Source(MEDLINEPLUS, "Is gene therapy safe?", "https://medlineplus.gov/genetics/understanding/therapy/safety/")
GENE = Source(NHGRI, "Gene", "https://www.genome.gov/genetics-glossary/Gene")
PROTEIN = Source(NHGRI, "Protein", "https://www.genome.gov/genetics-glossary/Protein")
EDITING = Source(NHGRI, "What is genome editing?", "https://www.genome.gov/about-genomics/policy-issues/what-is-Genome-Editing")
APPROACHES = Source(
    NHGRI,
    "Understanding gene therapy approaches",
    "https://www.genome.gov/research-at-nhgri/Projects/Democratizing-Education/understanding-gene-therapy-approaches",
)
SICKLE_CELL = Source(
    NHGRI,
    "Sickle cell disease gene therapy FAQ",
    "https://www.genome.gov/research-at-nhgri/projects/democratizing-education/sickle-cell-disease-gene-therapy-faq",
)
FERTILITY = Source(NHLBI, "NIH researchers work to preserve fertility in people undergoing gene therapy (2023)")
BENEFITS_RISKS = Source(NHLBI, "Genetic Therapies: Benefits and Risks", "https://www.nhlbi.nih.gov/health/genetic-therapies/benefits-risks")
GENETIC_THERAPIES = Source(NHLBI, "Genetic Therapies", "https://www.nhlbi.nih.gov/health-topics/genetic-therapies")
T_CELLS = Source(NCI, "T-cell Transfer Therapy", "https://www.cancer.gov/about-cancer/treatment/types/immunotherapy/t-cell-transfer-therapy")
TRIALS_NCI = Source(NCI, "How Do Clinical Trials Work?", "https://www.cancer.gov/research/participate/clinical-trials/how-trials-work")
TRIAL_GUIDE = Source(NCI, "Clinical Trials Information for Patients and Caregivers", "https://www.cancer.gov/research/participate/clinical-trials")
ASSENT = Source(NCI, "Dictionary of Cancer Terms: assent process", "https://www.cancer.gov/publications/dictionaries/cancer-terms/def/assent-process")
TRIALS_NIH = Source(NIH, "NIH Clinical Research Trials and You: The Basics", "https://www.nih.gov/health-information/nih-clinical-research-trials-you/basics")
CONSENT = Source(FDA, "Informed Consent for Clinical Trials", "https://www.fda.gov/forpatients/clinicaltrials/informedconsent/default.htm")
PHASES = Source(
    FDA, "The Drug Development Process, Step 3: Clinical Research", "https://www.fda.gov/patients/drug-development-process/step-3-clinical-research"
)
REVIEW = Source(FDA, "Development & Approval Process: Drugs", "https://www.fda.gov/drugs/development-approval-process-drugs")
EXPANDED = Source(FDA, "Expanded Access")
FOLLOW_UP = Source(
    FDA,
    "Long Term Follow-up After Administration of Human Gene Therapy Products (2020)",
    "https://www.fda.gov/regulatory-information/search-fda-guidance-documents/long-term-follow-after-administration-human-gene-therapy-products",
)
APPROVED = Source(FDA, "Cellular & Gene Therapy Products", "https://www.fda.gov/vaccines-blood-biologics/cellular-gene-therapy-products")
WARNING = Source(
    FDA,
    "Important Patient and Consumer Information About Regenerative Medicine Therapies (2021)",
    "https://www.fda.gov/vaccines-blood-biologics/consumers-biologics/important-patient-and-consumer-information-about-regenerative-medicine-therapies",
)
SCAMS = Source(FTC, "COVID-19 clinical trial: real or fake? (2020; its advice holds for any trial)")
TRUTH = Source(ISSCR, "Truth About Stem Cell “Treatments”", "https://www.closerlookatstemcells.org/patient-resources/truth-about-stem-cell-treatments/")
GUIDE = Source(ISCT, "Patient Safety in Cell & Gene Therapies: Guidelines and Resources")
REGISTRY = Source("ClinicalTrials.gov, US National Library of Medicine", "About ClinicalTrials.gov", "https://clinicaltrials.gov")
ANTIBODIES = Source(
    "B. Gorovits and others, The AAPS Journal, 2021",
    "Evaluation of the Humoral Response to Adeno-Associated Virus-Based Gene Therapy Modalities Using Total Antibody Assays",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC8445016",
)
HIV_WORDS = Source(NIH, "HIV/AIDS Glossary: CD4 Count")


@dataclass(frozen=True)
class LearnPage:
    """One page to learn from. ``answers`` says on the first page what this one is good for."""

    slug: str
    title: str | Promise
    answers: str | Promise
    in_short: tuple[str | Promise, ...]
    sources: tuple[Source, ...]
    reviewed: date = REVIEWED


PAGES = (
    LearnPage(
        "what-is-gene-therapy",
        _("What is gene therapy?"),
        _("What it is, and what it is tried for."),
        (
            _("Genes are the body’s instructions. A gene therapy adds, changes or turns down a gene in some of your cells."),
            _("Most gene therapies are still being tested in trials. Some are approved."),
            _("It may help. Nobody can promise that it will."),
        ),
        (WHAT_IS, GENETIC_THERAPIES, BENEFITS_RISKS, APPROACHES),
    ),
    LearnPage(
        "benefits-and-risks",
        _("What good can it do, and what can go wrong?"),
        _("What you may hope for, and what you should know before you say yes."),
        (
            _("It may help for years. It may also not work."),
            _("It cannot be undone."),
            _("It can have side effects, and some may show up years later."),
            _("It may close the door to other gene therapy trials."),
        ),
        (IS_IT_SAFE, BENEFITS_RISKS, SICKLE_CELL, FERTILITY, FOLLOW_UP, ANTIBODIES, T_CELLS),
    ),
    LearnPage(
        "when-to-ask",
        _("When to ask a health care provider"),
        _("When to call, what to bring, and what to ask."),
        (
            _("Ask before you change any treatment, and before you sign or pay for anything."),
            _("Bring your printed summary and your test reports."),
            _("In an emergency, call your local emergency number. Do not wait for a trial."),
        ),
        (TRIAL_GUIDE, TRIALS_NIH),
    ),
    LearnPage(
        "what-happens-in-a-trial",
        _("What happens in a trial?"),
        _("The steps from the first talk to the years after, and your right to leave."),
        (
            _("A trial tests if a treatment is safe and if it works."),
            _("You are told everything first. You can say no."),
            _("You can leave at any time, for any reason."),
            _("After a gene therapy, you are followed up for years."),
        ),
        (TRIALS_NIH, TRIALS_NCI, CONSENT, PHASES, ASSENT, FOLLOW_UP),
    ),
    LearnPage(
        "approved-therapies",
        _("Which gene therapies are approved?"),
        _("A list by condition, with the source and the date of each."),
        (
            _("Some gene therapies are approved for some patients. You do not need a trial to get one."),
            _("Approved does not mean right for you. Ask your health care provider."),
        ),
        (APPROVED,),
    ),
    LearnPage(
        "time-and-approval",
        _("How long does it take, and what does “approved” mean?"),
        _("Why new treatments take years, and who decides."),
        (
            _("Testing a new treatment takes years. Many never get approved."),
            _("Approved means that a health authority found more good than harm, for some patients."),
            _("If there is no trial for you now, there may be one later."),
        ),
        (PHASES, REVIEW, EXPANDED, APPROVED),
    ),
    LearnPage(
        "bogus-clinics",
        _("How to spot a bogus clinic"),
        _("Signs that someone wants your money, and how to check."),
        (
            _("Some clinics sell “cures” that were never tested. They can do great harm."),
            _("A real trial does not sell you the treatment that it tests."),
            _("Before you pay or sign, ask your own health care provider."),
        ),
        (WARNING, SCAMS, TRUTH, GUIDE, REGISTRY),
    ),
    LearnPage(
        "genes-and-proteins",
        _("Genes and proteins"),
        _("What a gene is, and why one small change can make someone ill."),
        (
            _("A gene is a piece of DNA. It tells a cell how to make a protein."),
            _("Proteins do most of the work in your body."),
            _("A change in one gene can stop a protein from doing its work."),
        ),
        (GENE, PROTEIN, HOW_IT_WORKS),
    ),
    LearnPage(
        "ways-it-works",
        _("Ways it works: add, turn down, edit"),
        _("The ways to treat a disease with genes, side by side."),
        (
            _("Gene addition puts a working copy of a gene into cells."),
            _("Gene silencing turns down a gene that does harm."),
            _("Gene editing changes a gene in its own place."),
        ),
        (WHAT_IS, HOW_IT_WORKS, APPROACHES, EDITING, T_CELLS),
    ),
    LearnPage(
        "how-it-gets-in",
        _("How does it get into the cells?"),
        _("Vectors, and the two paths: inside the body or in a lab."),
        (
            _("A vector carries the new gene into your cells."),
            _("In vivo means inside the body. The treatment is given to you."),
            _("Ex vivo means outside the body. Your cells are changed in a lab and given back."),
        ),
        (WHAT_IS, HOW_IT_WORKS, T_CELLS, ANTIBODIES),
    ),
    LearnPage(
        "words",
        _("Words explained"),
        _("The words that doctors and trials use, in plain words."),
        (_("Each word is explained in one or two lines."), _("If your papers use a word that is not here, ask the trial team what it means.")),
        (GENE, PROTEIN, EDITING, HOW_IT_WORKS, TRIALS_NCI, T_CELLS, HIV_WORDS),
    ),
)
_PLACES = {page.slug: place for place, page in enumerate(PAGES)}


def find(slug: str) -> tuple[LearnPage, LearnPage | None, LearnPage | None] | None:
    """A page with the one before and the one after it; None where there is no such page."""
    place = _PLACES.get(slug)
    if place is None:
        return None
    return PAGES[place], PAGES[place - 1] if place else None, PAGES[place + 1] if place + 1 < len(PAGES) else None
