"""Rows of different length in flat arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trials.eligibility.rows import Rows

ROWS = Rows.of([[3, 1], [], [2], [0, 0, 4]])
NONE = np.empty(0, np.int64)

several_rows = st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6)
full_rows = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=6)
values = st.lists(st.integers(0, 2), min_size=10, max_size=10).map(lambda several: np.array(several, np.int8))


def listed(rows):
    """The rows as lists."""
    return [rows.flat[first:last].tolist() for first, last in zip(rows.start[:-1], rows.start[1:], strict=True)]


def test_rows_keep_their_items_and_their_sizes():
    assert listed(ROWS) == [[3, 1], [], [2], [0, 0, 4]]
    assert len(ROWS) == 4
    assert ROWS.sizes.tolist() == [2, 0, 1, 3]


def test_no_rows_are_rows_too():
    none = Rows.of([])
    assert (len(none), listed(none), none.sizes.tolist(), none.flat.dtype) == (0, [], [], np.int64)
    assert listed(none.take(NONE)) == listed(none.between(0, 0)) == []
    assert none.least(np.zeros(3, np.int8)).tolist() == none.most(np.zeros(3, np.int8)).tolist() == []
    assert none.least(np.zeros(3, np.int8)).dtype == none.most(np.zeros(3, np.int8)).dtype == np.int8


@pytest.mark.parametrize("rows", [[], [0], [1], [3, 0], [1, 1], [2, 2, 0, 1, 3]])
def test_rows_are_taken_in_any_order_and_more_than_once(rows):
    assert listed(ROWS.take(np.array(rows, np.int64))) == [listed(ROWS)[row] for row in rows]


@given(several_rows, st.data())
def test_what_is_taken_is_what_stands_there(rows, data):
    order = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=8)) if rows else []
    taken = Rows.of(rows).take(np.array(order, np.int64))
    assert listed(taken) == [rows[row] for row in order]
    assert taken.start[0] == 0


@given(several_rows, st.permutations(range(10)))
def test_the_items_of_each_row_are_put_in_order(rows, order):
    ordered = Rows.of(rows).ordered(np.array(order))
    assert listed(ordered) == [sorted(row, key=order.index) for row in rows]


def test_nothing_and_a_single_item_are_in_order_too():
    assert listed(Rows.of([]).ordered(NONE)) == []
    assert listed(Rows.of([[], []]).ordered(NONE)) == [[], []]
    assert listed(Rows.of([[0], [0], [0, 0]]).ordered(np.array([0]))) == [[0], [0], [0, 0]]


@given(several_rows, st.data())
def test_neighbouring_rows_share_the_memory_of_all(rows, data):
    last = data.draw(st.integers(0, len(rows)))
    first = data.draw(st.integers(0, last))
    all_rows = Rows.of(rows)
    between = all_rows.between(first, last)
    assert listed(between) == rows[first:last]
    assert np.shares_memory(between.flat, all_rows.flat) or not len(between.flat)


@given(full_rows, values)
def test_the_least_and_the_most_of_each_row(rows, values):
    assert Rows.of(rows).least(values).tolist() == [min(values[row]) for row in rows]
    assert Rows.of(rows).most(values).tolist() == [max(values[row]) for row in rows]


def test_a_negated_literal_is_its_neighbour_and_negated_twice_itself():
    rows = Rows.of([[0, 1], [6], [7, 2]])
    assert listed(rows.negated()) == [[1, 0], [7], [6, 3]]
    assert listed(rows.negated().negated()) == listed(rows)
