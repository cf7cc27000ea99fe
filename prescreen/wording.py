"""The words of a question, for whoever is answering."""

from django.utils.translation import gettext as _

from trials.eligibility.questions import Question


def question_text(question: Question, who: str) -> str:
    """The question, asked of the patient, about their child, or about the person they care for."""
    if who == "me" or not question.child_text:
        return _(question.text)
    return for_whom(_(question.child_text), who)


def help_text(question: Question, who: str) -> str:
    """The hint under a question."""
    return for_whom(_(question.help), who) if question.help else ""


def for_whom(text: str, who: str) -> str:
    """A text about "your child", told about the person somebody cares for."""
    if who == "other":
        text = text.replace(_("your child"), _("the person you care for")).replace(_("Your child"), _("The person you care for"))
    return text
