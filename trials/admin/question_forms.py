"""The form of a question with its choices. What it refuses is what the engine refuses, and what would break a stored trial."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trials import catalog
from trials.eligibility import questions
from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, Kind, QuestionError
from trials.eligibility.rules import RuleError, parse
from trials.models import Condition, Question
from trials.vocabulary import DIAGNOSIS

from .checks import new_faults, shortened, stored_questions
from .fields import UnitsField, ValueField, plain_textarea, wide_input, without_zeros
from .formsets import OrderedForm, OrderedFormSet


class QuestionForm(forms.ModelForm):
    """A question. Where it has choices of its own, their form set asks it for the faults of the whole."""

    units = UnitsField(
        rows=5,
        label=gettext_lazy("Other units"),
        help_text=gettext_lazy("One on each line, with how much of the unit above it is: where the unit is years, “months = 1/12”."),
    )
    otherwise = ValueField(
        rows=1,
        label=gettext_lazy("Otherwise"),
        help_text=gettext_lazy(
            "The answer where the question need not be asked, such as “no”, “0” or a choice's key. For several choices: “[]” is none of them."
        ),
    )

    class Meta:
        labels = {  # noqa: RUF012
            "text": gettext_lazy("Question"),
            "child_text": gettext_lazy("Question about a child"),
            "why": gettext_lazy("Why we ask"),
            "min": gettext_lazy("Smallest answer"),
            "max": gettext_lazy("Largest answer"),
            "ask_if": gettext_lazy("Ask only if"),
            "changes": gettext_lazy("With time"),
        }
        help_texts = {  # noqa: RUF012
            "key": gettext_lazy("The name in rules, such as “viral_load”: letters, digits and _. It cannot be changed later."),
            "text": gettext_lazy("As patients read it."),
            "child_text": gettext_lazy("The words for somebody who answers for a child."),
            "help": gettext_lazy("What the patient should know to answer."),
            "unit": gettext_lazy("For numbers: the unit of the smallest and largest answer, and of rules that name none."),
            "areas": gettext_lazy("The areas in which it can be asked. None ticked means all."),
            "sensitive": gettext_lazy("Sensitive questions come later, where there is a choice."),
            "source": gettext_lazy("Where a patient finds the answer."),
            "why": gettext_lazy("A short reason, for patients."),
            "ask_if": gettext_lazy("A rule, such as “sex is female”. Empty: the question may always be asked."),
            "changes": gettext_lazy("Whether time can change the answer. Results say so where it decides. Empty: nothing is said."),
            "order": gettext_lazy("Of two questions that help as much, the one with the smaller number is asked first."),
        }
        widgets = {  # noqa: RUF012
            "text": wide_input(),
            "child_text": wide_input(),
            "help": plain_textarea(3),
            "why": plain_textarea(3),
            "ask_if": plain_textarea(2, spellcheck="false"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.desk_form = self
        for bound in ("min", "max"):
            self.initial[bound] = without_zeros(getattr(self.instance, bound))

    def clean(self) -> dict[str, Any]:
        """Refuses parts that do not belong to the kind of question, beside the part."""
        values = super().clean()
        kind = values.get("kind")
        if kind == Kind.NUMBER and not values.get("unit") and "unit" not in self.errors:
            self.add_error("unit", _("A number needs a unit, such as years or g/dL."))
        if kind and kind != Kind.NUMBER:
            for part in ("unit", "units", "min", "max"):
                if values.get(part) not in (None, "", {}):
                    self.add_error(part, _("Only a number can have this."))
        if values.get("changes") == questions.Changes.GROWS and (kind != Kind.NUMBER or values.get("unit") not in questions.DAYS):
            self.add_error("changes", _("Only a number of days, weeks, months or years grows with time."))
        low, high = values.get("min"), values.get("max")
        if low is not None and high is not None and low > high:
            self.add_error("max", _("The largest answer is below the smallest."))
        return values

    def _post_clean(self) -> None:
        super()._post_clean()
        if not self.errors and self.instance.key == DIAGNOSIS:
            nodes = Condition.objects.select_related("parent")
            self.refuse_faults(questions.Choice(node.key, node.label, node.parent.key if node.parent else None) for node in nodes)

    def refuse_faults(self, choices: Iterable[questions.Choice]) -> None:
        """Adds an error where the question with these choices cannot be used or would break a stored trial."""
        try:
            question = catalog.engine_question(self.instance, (), choices)
        except QuestionError as fault:
            return self.add_error("unit" if self.instance.kind == Kind.NUMBER else None, str(fault))
        before = stored_questions()
        if before is None:
            return None
        after = [*(other for other in before if other.key != question.key), question]
        try:
            by_key = {other.key: other for other in after}
            if question.ask_if:
                parse(question.ask_if, by_key)
            question.read(question.otherwise)
            Questionnaire(after)
        except RuleError as fault:
            return self.add_error("ask_if", str(fault))
        except AnswerError as fault:
            return self.add_error("otherwise", str(fault))
        except QuestionError as fault:
            return self.add_error("ask_if" if "ask_if" in self.changed_data else None, str(fault))
        faults = new_faults(before, after)
        if faults:
            self.add_error("unit" if {"unit", "units"} & set(self.changed_data) else None, [_("This would break what is stored:"), *shortened(faults)])
        return None


class ChoiceForm(OrderedForm):
    """One choice of a question."""

    class Meta:
        help_texts = {  # noqa: RUF012
            "key": gettext_lazy("The name in rules: letters, digits and _."),
            "label": gettext_lazy("As patients read it."),
            "parent": gettext_lazy("The key of the choice that this is a kind of."),
        }


class ChoiceFormSet(OrderedFormSet):
    """The choices of a question; checked together with it, once both are readable."""

    instance: Question

    def clean(self) -> None:
        """Refuses what the question refuses. The message is shown with the question, above."""
        super().clean()
        form: QuestionForm = self.instance.desk_form
        if any(self.errors) or form.errors or self.instance.key == DIAGNOSIS:
            return
        form.refuse_faults(self.choices)
        if form.errors:
            raise ValidationError(_("Nothing is saved yet: please read the message above."))

    @cached_property
    def choices(self) -> list[questions.Choice]:
        """The choices as they would be saved."""
        rows = [form.instance for form in self.kept_forms]
        rows.sort(key=lambda row: (row.order is None, row.order))
        return [questions.Choice(row.key, row.label, row.parent or None) for row in rows]
