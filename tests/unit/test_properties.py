"""What must hold for every rule, every trial and every patient."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.builders import CATALOG, exclusion, inclusion, known, rule, trial
from tests.unit.strategies import PlainTrial, blurred, built, patients, plain_trials, rule_trees, sharp_patients, text_of
from trials.eligibility.index import Index
from trials.eligibility.judging import judge, truth_of
from trials.eligibility.verdicts import Truth, Verdict

OPPOSITE = {"is": "is not", "is not": "is", "in": "not in", "not in": "in", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@settings(max_examples=100)
@given(plain_trials(), sharp_patients(), st.data())
def test_learning_more_only_settles_what_was_unknown(plain, sharp, data):
    judged = built(plain)
    less, more = judge(judged, known(**data.draw(blurred(sharp)))), judge(judged, known(**sharp))
    assert less.verdict in (Verdict.UNKNOWN, more.verdict)
    for before, after in zip(less.criteria, more.criteria, strict=True):
        assert before in (Verdict.UNKNOWN, after)


@settings(max_examples=100)
@given(rule_trees, sharp_patients())
def test_who_answers_everything_exactly_leaves_no_rule_unknown(tree, sharp):
    assert truth_of(rule(text_of(tree)), known(**sharp)) is not Truth.UNKNOWN


@settings(max_examples=100)
@given(rule_trees, patients)
def test_negating_a_rule_swaps_true_and_false_and_keeps_unknown(tree, answers):
    swapped = {Truth.TRUE: Truth.FALSE, Truth.UNKNOWN: Truth.UNKNOWN, Truth.FALSE: Truth.TRUE}
    truth = truth_of(rule(text_of(tree)), known(**answers))
    assert truth_of(rule(text_of(("not", (tree,)))), known(**answers)) is swapped[truth]
    assert truth_of(rule(text_of(pushed_inside(tree))), known(**answers)) is swapped[truth]


def pushed_inside(tree):
    """The opposite of a rule, with each ``not`` moved down into the comparisons (De Morgan) where they have an opposite."""
    match tree:
        case ("not", (part,)):
            return part
        case ("and" | "or" as joint, parts):
            return ("or" if joint == "and" else "and", tuple(pushed_inside(part) for part in parts))
        case (question, operator, operands) if operator in OPPOSITE:
            return question, OPPOSITE[operator], operands
    return "not", (tree,)


@settings(max_examples=100)
@given(rule_trees, patients)
def test_an_exclusion_is_the_inclusion_of_the_opposite(tree, answers):
    excluded, included = trial(exclusion(text_of(tree))), trial(inclusion(f"not ({text_of(tree)})"))
    facts = known(**answers)
    assert judge(excluded, facts).verdict is judge(included, facts).verdict
    verdicts = Index.compile(CATALOG, [excluded, included]).match(facts).verdicts
    assert verdicts[0] == verdicts[1] == judge(excluded, facts).verdict


@settings(max_examples=100)
@given(plain_trials(), st.sets(st.sampled_from(list(CATALOG))))
def test_a_patient_who_is_sure_of_nothing_neither_fails_nor_passes_any_trial(plain, asked):
    judged, facts = built(plain), known(**dict.fromkeys(asked))
    assert judge(judged, facts).verdict is Verdict.UNKNOWN
    assert list(Index.compile(CATALOG, [judged]).match(facts).verdicts) == [Verdict.UNKNOWN]


@settings(max_examples=100)
@given(plain_trials(), patients)
def test_an_incomplete_record_differs_from_a_complete_one_only_in_that_it_never_passes(plain, answers):
    complete, incomplete = (judge(built(plain._replace(complete=whole)), known(**answers)).verdict for whole in (True, False))
    assert incomplete is (Verdict.UNKNOWN if complete is Verdict.PASSES else complete)


@settings(max_examples=100)
@given(plain_trials(), patients)
def test_a_trial_with_cohorts_is_as_good_as_the_best_of_its_cohorts_alone(plain, answers):
    facts = known(**answers)
    alone = [
        judge(built(PlainTrial(tuple(each for each in plain.criteria if each.cohort in (None, cohort)), (cohort,), plain.complete)), facts).verdict
        for cohort in plain.cohorts or (None,)
    ]
    assert judge(built(plain), facts).verdict is max(alone)


@settings(max_examples=100)
@given(rule_trees, rule_trees, patients)
def test_one_more_criterion_never_makes_a_trial_better(one, other, answers):
    facts = known(**answers)
    short, longer = trial(inclusion(text_of(one))), trial(inclusion(text_of(one)), inclusion(text_of(other)))
    assert judge(longer, facts).verdict <= judge(short, facts).verdict
