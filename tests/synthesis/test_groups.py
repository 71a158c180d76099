import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.synthesis.groups import Groups, dot, total

LABELS = st.lists(st.integers(0, 12), min_size=1, max_size=80)
CELLS = st.integers(1, 200)


@given(LABELS, CELLS)
def test_every_study_is_in_exactly_one_cell(labels: list[int], cells: int) -> None:
    groups = Groups(labels)
    filled = [block.cells[block.present > 0] for block in groups.blocks(cells)]
    assert sorted(np.concatenate(filled).tolist()) == list(range(len(labels)))


@given(LABELS, CELLS)
def test_every_group_is_one_column_that_holds_its_studies_in_their_order(
    labels: list[int], cells: int
) -> None:
    groups = Groups(labels)
    seen = []
    for block in groups.blocks(cells):
        for column, group in enumerate(block.groups.tolist()):
            present = block.present[:, column] > 0
            studies = block.cells[present, column].tolist()
            assert studies == [i for i, x in enumerate(labels) if x == groups.labels[group]]
            assert studies == groups.studies(group).tolist()
            assert block.sizes[column] == len(studies) == groups.sizes[group]
            assert present.tolist() == sorted(present.tolist(), reverse=True)
            assert set(block.cells[~present, column].tolist()) <= {studies[0]}
            seen.append(group)
    assert sorted(seen) == list(range(len(groups)))


@given(LABELS, CELLS)
def test_groups_of_one_study_are_not_in_a_block_with_others(labels: list[int], cells: int) -> None:
    for block in Groups(labels).blocks(cells):
        assert (block.sizes > 1).all() or (block.sizes == 1).all()
        assert block.cells.shape == (block.sizes.max(), block.groups.size)


@given(LABELS, CELLS)
def test_blocks_are_of_about_so_many_cells(labels: list[int], cells: int) -> None:
    for block in Groups(labels).blocks(cells):
        assert block.cells.size <= max(cells, block.cells.shape[0])


def test_groups_are_in_the_order_of_their_first_study() -> None:
    groups = Groups(["pear", "apple", "pear", "fig", "apple", "pear"])
    assert groups.labels.tolist() == ["pear", "apple", "fig"]
    assert groups.sizes.tolist() == [3, 2, 1]
    assert [groups.studies(i).tolist() for i in range(3)] == [[0, 2, 5], [1, 4], [3]]
    assert len(groups) == 3


def test_adjacent_studies_are_left_where_they_are() -> None:
    groups = Groups([7, 7, 3, 3, 3, 9])
    assert groups.labels.tolist() == [7, 3, 9]
    assert groups.order.tolist() == list(range(6))
    assert groups.starts.tolist() == [0, 2, 5]


@pytest.mark.parametrize("size", [1, 5])
def test_one_group_alone(size: int) -> None:
    groups = Groups(["all"] * size)
    (block,) = groups.blocks(1)
    assert block.cells.shape == (size, 1)
    assert block.cells[:, 0].tolist() == list(range(size))


def test_sums_run_over_the_studies() -> None:
    a, b = np.arange(6.0).reshape(3, 2), np.full((3, 2), 2.0)
    assert total(a).tolist() == [6, 9]
    assert dot(a, b).tolist() == [12, 18]
    assert float(dot(a[:, 0], b[:, 0])) == 12
    assert float(total(a[:, 1])) == 9
