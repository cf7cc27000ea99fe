"""Our own Flesch-Kincaid counter: the school grade that a text needs. Medical names that a page explains are left out of the count.

The formula is that of J. P. Kincaid, R. P. Fishburne, R. L. Rogers and B. S. Chissom, "Derivation of New Readability Formulas (Automated
Readability Index, Fog Count and Flesch Reading Ease Formula) for Navy Enlisted Personnel", Research Branch Report 8-75, Naval Technical
Training Command, 1975: grade = 0.39 × words per sentence + 11.8 × syllables per word − 15.59.
"""

from __future__ import annotations

import re

MEDICAL = frozenset(
    """
    antibody antibodies retina retinal retinitis pigmentosa hemophilia hemoglobin platelets neutrophils lymphocytes creatinine bilirubin albumin
    vector genetic diagnosis lymphoma leukemia myeloma chemotherapy radiation steroid steroids hepatitis tuberculosis syphilis diabetes insulin
    HIV ART CD4 RNA DNA AAV CAR ETDRS ECOG HLA ALT AST INR ejection fraction glaucoma cataract uveitis macular degeneration dystrophy
    pregnant breastfeeding transplant transfusion transfusions infusion biopsy tumor ultrasound creatine kinase antiretroviral
    adenovirus pneumonia meningitis lupus rheumatoid arthritis psoriasis
    melanoma glioblastoma carcinoma adenocarcinoma hepatocellular lymphoblastic endometrial papillary
    choroideremia achromatopsia geographic atrophy Stargardt diabetic neuropathy encephalopathy coronary myopathy myotonic
    thalassemia phenylketonuria hypercholesterolemia cytomegalovirus mycoplasma Burkholderia cepacia Mycobacterium abscessus
    neutrophil platelet ceruloplasmin ammonia cholesterol phenylalanine alkaline phosphatase Lansky dystrophin tyrosine cytokine
    tacrolimus cyclosporine methotrexate azathioprine mycophenolate rituximab prednisone prednisolone dexamethasone deflazacort
    eteplirsen golodirsen viltolarsen casimersen aflibercept ranibizumab faricimab hydroxychloroquine chloroquine tamoxifen vigabatrin
    nadofaragene firadenovec atezolizumab etoposide ipilimumab interferon immunoglobulin risdiplam Spinraza Evrysdi ataluren luspatercept
    cevimeline glycopyrrolate hydroxyurea
    """.lower().split()
)
"""Names of parts, tests, diseases and drugs that have no plainer name, and abbreviations."""


def words_of(text: str) -> list[str]:
    """The words of a text that count: not numbers, and not medical names."""
    return [word for word in re.findall(r"[A-Za-z]+(?:['’][a-z]+)?", text) if word.lower() not in MEDICAL]


def syllables(word: str) -> int:
    """The syllables of an English word, by its groups of vowels."""
    word = re.sub(r"['’].*$", "", word.lower())
    if len(word) <= 3:
        return 1
    word = re.sub(r"(?<=[^aeioulszxcgh])es$|(?<=[^aeioutd])ed$|(?<=[^aeiouyl])e$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def sentences(text: str) -> int:
    """How many sentences a text has; one that ends without a mark counts."""
    return max(1, len(re.findall(r"[.!?:]+(?=\s|$)", text.strip())) + (not re.search(r"[.!?:]\s*$", text.strip())))


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text; 0 for one without words that count."""
    words = words_of(text)
    if not words:
        return 0.0
    return 0.39 * len(words) / sentences(text) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
