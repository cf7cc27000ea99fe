"""The words of questions and verdicts, for whoever is answering."""

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from trials.eligibility.judging import Criterion
from trials.eligibility.questions import Question
from trials.eligibility.verdicts import Verdict
from trials.models import Trial

from .third_person import told_of


def in_language(text: str) -> str:
    """A text of a record in the reader's language. (The translation of an empty text would be the catalog's own head.)"""
    return _(text) if text else ""


def question_text(question: Question, who: str) -> str:
    """The question, asked of the patient, about their child, or about the person they care for."""
    if who == "me" or not question.child_text:
        return _(question.text)
    return for_whom(_(question.child_text), who)


def help_text(question: Question, who: str) -> str:
    """The hint under a question."""
    return for_whom(_(question.help), who) if question.help else ""


def for_whom(text: str, who: str) -> str:
    """A text about "your child", told about the person somebody cares for. What is the child's is "theirs": the page names the person above the question."""
    if who != "other":
        return text
    text = text.replace("child's", "child’s")
    text = text.replace(_("your child’s"), _("their")).replace(_("Your child’s"), _("Their"))
    return text.replace(_("your child"), _("the person you care for")).replace(_("Your child"), _("The person you care for"))


def about_text(who: str) -> str:
    """Whom a question is about; "" for somebody who answers for themselves."""
    return {"child": _("about your child"), "other": _("about the person you care for")}.get(who, "")


def why_text(question: Question, who: str) -> str:
    """Why the question is asked."""
    return for_whom(_(question.why), who) if question.why else _("At least one trial asks this. The answer can change your results.")


def fit_text(verdict: Verdict, who: str) -> str:
    """What a patient, or whoever answers for them, reads for a verdict on a trial."""
    match verdict:
        case Verdict.PASSES:
            return _("Your answers fit what this trial asks")
        case Verdict.UNKNOWN:
            may_match = _("You may match: some answers need checking") if who == "me" else _("Your child may match: some answers need checking")
            return for_whom(may_match, who)
        case Verdict.FAILS:
            return _("Probably not a match right now")


def more_text(verdict: Verdict, left: int) -> str:
    """How many more trials there are of a verdict than are shown, and what can be done."""
    template = {
        Verdict.PASSES: ngettext(
            "%(count)d more trial fits your answers. It is not shown here.", "%(count)d more trials fit your answers. They are not shown here.", left
        ),
        Verdict.UNKNOWN: ngettext(
            "%(count)d more trial may match. It is not shown here.",
            "%(count)d more trials may match. They are not shown here.",
            left,
        ),
        Verdict.FAILS: ngettext(
            "%(count)d more trial probably does not match right now. We show those that come closest.",
            "%(count)d more trials probably do not match right now. We show those that come closest.",
            left,
        ),
    }[verdict]
    return template % {"count": left}


def criterion_text(criterion: Criterion, who: str) -> str:
    """A criterion as a page shows it: in plain words, which speak to "you"; told of somebody else where English lets us, else in its neutral words."""
    if who == "me" or not criterion.plain:
        return in_language(criterion.plain or criterion.text)
    told = told_of(criterion.plain, who) if (get_language() or "").startswith("en") else None
    return told or in_language(criterion.text)


def reading(verdict: Verdict | None) -> str:
    """Our reading of one criterion, in two words."""
    match verdict:
        case None:
            return _("Study team checks")
        case Verdict.PASSES:
            return _("Fits")
        case Verdict.UNKNOWN:
            return _("Needs checking")
        case Verdict.FAILS:
            return _("Does not fit")


def trying_text(trial: Trial) -> str:
    """What a coordinator reads over everything while trying a trial."""
    return _("Trying %(number)s — “%(title)s”. This is not a patient’s screening.") % {"number": trial.nct_id, "title": trial.title}
