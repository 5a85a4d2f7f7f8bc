"""Small groups, and what would give them away."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_capability.methods.suppression import kept_back


@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(2, 9))
def test_what_is_kept_back_cannot_be_worked_out_from_the_total(counts, fewest):
    n = np.array(counts)
    hidden = kept_back(n, np.zeros(len(n), dtype=int), fewest)
    assert not (~hidden & (n > 0) & (n < fewest)).any(), "no small group is told"
    assert not hidden[n == 0].any()
    if hidden.any() and (n[~hidden] > 0).any():
        # total less what is told leaves two groups at least, of `fewest` people at least
        assert hidden.sum() >= 2
        assert n[hidden].sum() >= fewest
    if (n[n > 0] >= fewest).all():
        assert not hidden.any(), "nothing is kept back without need"


def test_each_total_is_looked_at_by_itself():
    assert kept_back(np.array([40, 3, 9, 50, 6]), np.array([0, 0, 0, 1, 1])).tolist() == [
        False,
        True,
        True,
        False,
        False,
    ]
