"""Records for tests, each complete enough to be saved. Name only what a test is about."""

import datetime

import factory
from factory.django import DjangoModelFactory

from trials import models


class ConditionAreaFactory(DjangoModelFactory):
    """One of the four areas of the migration, or a new one."""

    class Meta:
        model = models.ConditionArea
        django_get_or_create = ("slug",)

    slug = "genetic"
    name = factory.LazyAttribute(lambda area: area.slug.title())


class ConditionFactory(DjangoModelFactory):
    """A condition of no area; ``areas=["eye"]`` puts it into some."""

    class Meta:
        model = models.Condition
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"condition_{n}")
    label = factory.LazyAttribute(lambda condition: condition.key.replace("_", " ").capitalize())
    order = factory.Sequence(int)

    @factory.post_generation
    def areas(self, create, slugs, **_others):
        """Puts the condition into these areas."""
        if create and slugs:
            self.areas.set([ConditionAreaFactory(slug=slug) for slug in slugs])


class QuestionFactory(DjangoModelFactory):
    """A yes/no question of all areas; ``areas=["eye"]`` narrows it."""

    class Meta:
        model = models.Question
        skip_postgeneration_save = True

    class Params:
        number = factory.Trait(kind="number", unit="points")
        choice = factory.Trait(kind="choice")
        choices_ = factory.Trait(kind="choices")

    key = factory.Sequence(lambda n: f"question_{n}")
    kind = "yes_no"
    text = factory.LazyAttribute(lambda question: f"Is {question.key.replace('_', ' ')} so?")
    order = factory.Sequence(int)

    @factory.post_generation
    def areas(self, create, slugs, **_others):
        """Asks the question only in these areas."""
        if create and slugs:
            self.areas.set([ConditionAreaFactory(slug=slug) for slug in slugs])


class ChoiceFactory(DjangoModelFactory):
    """One choice of a choice question."""

    class Meta:
        model = models.Choice

    question = factory.SubFactory(QuestionFactory, choice=True)
    key = factory.Sequence(lambda n: f"choice_{n}")
    label = factory.LazyAttribute(lambda choice: choice.key.replace("_", " ").capitalize())
    order = factory.Sequence(int)


class TrialFactory(DjangoModelFactory):
    """A published, recruiting trial of the genetic area; ``areas=[...]`` moves it, ``rules=[...]`` gives it inclusion criteria."""

    class Meta:
        model = models.Trial
        skip_postgeneration_save = True

    nct_id = factory.Sequence(lambda n: f"NCT{n + 90_000_000}")
    title = factory.LazyAttribute(lambda trial: f"A trial called {trial.nct_id}")
    status = "RECRUITING"
    source = "invented for a test"
    as_of = datetime.date(2026, 11, 1)
    published = True

    @factory.post_generation
    def areas(self, create, slugs, **_others):
        """Puts the trial into these areas."""
        if create:
            self.areas.set([ConditionAreaFactory(slug=slug) for slug in slugs or ["genetic"]])

    @factory.post_generation
    def rules(self, create, rules, **_others):
        """An inclusion criterion for each of these rules."""
        for order, rule in enumerate(rules or ()):
            CriterionFactory(trial=self, text=f"It is so that {rule}", rule=rule, order=order)


class CohortFactory(DjangoModelFactory):
    """A group of participants."""

    class Meta:
        model = models.Cohort

    trial = factory.SubFactory(TrialFactory)
    name = factory.Sequence(lambda n: f"Cohort {n}")
    order = factory.Sequence(int)


class CriterionFactory(DjangoModelFactory):
    """An inclusion criterion without a rule."""

    class Meta:
        model = models.Criterion

    trial = factory.SubFactory(TrialFactory)
    kind = "inclusion"
    text = "Has given consent"
    order = factory.Sequence(int)


class SiteFactory(DjangoModelFactory):
    """A place where a trial is run."""

    class Meta:
        model = models.Site

    trial = factory.SubFactory(TrialFactory)
    facility = "General Hospital"
    city = "Boston"
    country = "United States"


class SamplePatientFactory(DjangoModelFactory):
    """An invented patient of whom nothing is known."""

    class Meta:
        model = models.SamplePatient

    trial = factory.SubFactory(TrialFactory)
    name = factory.Sequence(lambda n: f"Patient {n}")
    answers = factory.Dict({})
    expect = "unknown"


class ApprovedTherapyFactory(DjangoModelFactory):
    """A therapy approved for something."""

    class Meta:
        model = models.ApprovedTherapy

    brand = factory.Sequence(lambda n: f"Brand {n}")
    condition = "Something"
    source = "invented for a test"
    as_of = datetime.date(2026, 11, 1)
