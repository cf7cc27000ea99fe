"""The forms of a trial's parts: criteria with their rules, cohorts, sites, sample patients."""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from trials.eligibility.questionnaire import Questionnaire
from trials.eligibility.questions import AnswerError, QuestionError
from trials.eligibility.rule_texts import say
from trials.eligibility.rules import RuleError, parse
from trials.models import Criterion
from trials.services.deciding import suggestion_for, team_reason
from trials.suggestions.rules import RuleSuggestion

from .fields import AnswersField, plain_textarea, wide_input
from .formsets import NamedRows, OrderedForm, OrderedFormSet, RowForm
from .quick_drawing import QuickSelect


class CheckedFormSet(NamedRows):
    """Rows that are checked against the questions. The page that makes the form set gives it the questions, read once for the request."""

    questionnaire: Questionnaire

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return super().get_form_kwargs(index) | {"questionnaire": self.questionnaire}


class CriterionFormSet(CheckedFormSet, OrderedFormSet):
    """The criteria of a trial, in order, with their rules checked."""


class CriterionForm(OrderedForm):
    """A criterion: its wording, its rule, and what the coordinator decides about it. A wrong rule is refused beside its field, in the engine's words."""

    use_suggestion = forms.BooleanField(required=False, label=gettext_lazy("Use this rule"))
    dismiss_suggestion = forms.BooleanField(required=False, label=gettext_lazy("Not this one"))
    reviewed = forms.BooleanField(required=False, label=gettext_lazy("I have looked at the change: settled"))

    class Meta:
        labels = {  # noqa: RUF012
            "text": gettext_lazy("As the source has it"),
            "heading": gettext_lazy("Under the heading"),
            "plain": gettext_lazy("In plain words"),
            "team_checks": gettext_lazy("Leave to the study team"),
        }
        help_texts = {  # noqa: RUF012
            "heading": gettext_lazy("What the source writes above it, where that matters. Patients read it before the text."),
            "plain": gettext_lazy("For patients, in words that a child of 12 understands."),
            "team_checks": "",
        }
        widgets = {  # noqa: RUF012
            "cohort": QuickSelect(),
            "text": plain_textarea(3, 48),
            "heading": wide_input(48),
            "plain": plain_textarea(3, 48),
            "rule": plain_textarea(2, 60, spellcheck="false", autocapitalize="off", autocomplete="off"),
        }

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        self.stored = copy(self.instance)
        self.fields["order"].help_text = ""

    @property
    def stored_criterion(self) -> Criterion | None:
        """The criterion as it is stored, whatever was typed; None for a new row."""
        return self.stored if self.stored.pk else None

    @cached_property
    def suggestion(self) -> RuleSuggestion | None:
        """The rule that the stored wording suggests, where none is there yet and nobody dismissed it."""
        try:
            return suggestion_for(self.stored, self.questionnaire) if self.stored.pk else None
        except QuestionError:
            return None

    @cached_property
    def suggestion_says(self) -> str:
        """The suggested rule in words."""
        return say(parse(self.suggestion.rule, self.questionnaire), self.questionnaire) if self.suggestion else ""

    @cached_property
    def team_reason(self) -> str | None:
        """Why the wording looks like something that only the study team can judge."""
        return team_reason(self.stored) if self.stored.pk and self.stored.state == "to_do" else None

    @cached_property
    def says(self) -> str:
        """The stored rule in words; nothing where it cannot be read any more."""
        try:
            return say(parse(self.stored.rule, self.questionnaire), self.questionnaire) if self.stored.rule else ""
        except (RuleError, QuestionError):
            return ""

    @property
    def is_open(self) -> bool:
        """Whether the wording stands open to be edited: for new rows, and where it is not saved yet or something is wrong with it."""
        return not self.stored.pk or (self.is_bound and not {"text", "plain", "cohort", "order", "heading"}.isdisjoint([*self.errors, *self.changed_data]))

    def clean_rule(self) -> str:
        """Refuses a rule that the engine cannot use."""
        rule = self.cleaned_data["rule"].strip()
        if rule:
            try:
                parse(rule, self.questionnaire)
            except (RuleError, QuestionError) as fault:
                raise ValidationError(str(fault)) from None
        return rule

    def clean(self) -> dict[str, Any]:
        """Puts a suggested rule in place, and keeps rule, kind and study team from contradicting each other."""
        values = super().clean()
        if values.get("use_suggestion") and self.suggestion:
            if values.get("rule") and values["rule"] not in (self.stored.rule, self.suggestion.rule):
                self.add_error("rule", _("You wrote a rule and ticked the suggested one too. Keep one of them."))
            elif "rule" not in self.errors:
                values["rule"] = self.suggestion.rule
        if values.get("rule"):
            if values.get("team_checks") and not self.stored.team_checks:
                self.add_error("team_checks", _("A rule judges this criterion. Take the rule out to leave it to the study team."))
            values["team_checks"] = False
            if values.get("kind") == Criterion.UNCLEAR:
                self.add_error("kind", _("Choose inclusion or exclusion first: the same rule means the opposite in the other."))
        return values

    def save(self, commit: bool = True) -> Criterion:
        """Saves the row with what was decided about it."""
        if self.cleaned_data.get("reviewed"):
            self.instance.earlier_source, self.instance.gone_at_source = None, False
        if self.cleaned_data.get("dismiss_suggestion"):
            self.instance.suggestion_dismissed = True
        return super().save(commit)


class SamplePatientForm(RowForm):
    """A sample patient, whose answers must be answers to our questions."""

    answers = AnswersField(
        rows=6,
        label=gettext_lazy("Answers"),
        help_text=gettext_lazy(
            "One on each line: the question's key and the answer, such as “age: 45”, “diagnosis: lymphoma”, “treatments: [car_t]”. “unknown” means not sure."
        ),
        widget=plain_textarea(6, 56, spellcheck="false"),
    )
    expect = forms.ChoiceField(
        label=gettext_lazy("Verdict to expect"),
        choices=[
            ("", gettext_lazy("Please choose")),
            ("passes", gettext_lazy("passes: the answers fit")),
            ("unknown", gettext_lazy("unknown: may match")),
            ("fails", gettext_lazy("fails: not a match")),
        ],
    )

    class Meta:
        labels = {"name": gettext_lazy("Who it is")}  # noqa: RUF012
        widgets = {"name": wide_input(40)}  # noqa: RUF012

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire

    def clean_answers(self) -> dict[str, Any]:
        """Refuses answers that the questions do not take."""
        answers = self.cleaned_data["answers"]
        try:
            self.questionnaire.read(answers)
        except (AnswerError, QuestionError) as fault:
            raise ValidationError(str(fault)) from None
        return answers


class CohortFormSet(OrderedFormSet):
    """The cohorts of a trial. One that has criteria is not deleted, or they would be lost with it."""

    def clean(self) -> None:
        """Refuses to delete a cohort that still has criteria."""
        super().clean()
        for form in self.deleted_forms:
            left = Criterion.objects.filter(cohort=form.instance.pk).count() if form.instance.pk else 0
            if left:
                raise ValidationError(
                    ngettext(
                        "“%(cohort)s” still has %(count)s criterion, which would be lost with it. Move or delete it and save; then delete the cohort.",
                        "“%(cohort)s” still has %(count)s criteria, which would be lost with it. Move or delete them and save; then delete the cohort.",
                        left,
                    )
                    % {"cohort": form.instance, "count": left}
                )


class SiteFormSet(NamedRows):
    """The sites of a trial."""


class SiteForm(RowForm):
    """A site."""

    def clean(self) -> dict[str, Any]:
        """Refuses a site that is nowhere."""
        values = super().clean()
        if not any(values.get(part) for part in ("facility", "city", "country")):
            self.add_error("facility", _("Name the facility, the city or the country."))
        return values
