"""The order of probes: a permutation, in shards, that spreads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.pace.order import WHOLE, Order, Shard

sizes = st.integers(0, 3000)
seeds = st.integers(0, 2**70)


@given(sizes, seeds)
def test_every_number_comes_exactly_once(size, seed):
    assert sorted(Order(size, seed).walk()) == list(range(size))


@given(sizes, seeds, st.integers(1, 40))
def test_shards_are_disjoint_and_together_complete(size, seed, count):
    order = Order(size, seed)
    shards = [list(order.walk(Shard(index, count))) for index in range(count)]
    assert sorted(number for shard in shards for number in shard) == list(range(size))
    assert [len(shard) for shard in shards] == [Shard(index, count).size(size) for index in range(count)]


@given(sizes, seeds, st.integers(1, 6), st.integers(1, 6))
def test_a_shard_of_a_shard_is_a_shard(size, seed, outer, inner):
    order = Order(size, seed)
    for index in range(outer):
        parts = [list(order.walk(Shard(index, outer).split(part, inner))) for part in range(inner)]
        assert sorted(number for part in parts for number in part) == sorted(order.walk(Shard(index, outer)))


@given(st.integers(1, 3000), seeds)
def test_a_walk_is_the_indexed_order(size, seed):
    order = Order(size, seed)
    assert list(order.walk()) == [order[position] for position in range(size)]


@given(st.integers(100, 2**150), seeds, st.integers(2, 60))
def test_neighbours_in_time_are_strangers_in_space(size, seed, burst):
    size += 40 * burst**2
    order = Order(size, seed)
    near = sorted(order[position] for position in range(burst))
    gaps = [after - before for before, after in zip(near, [*near[1:], near[0] + size], strict=True)]
    assert min(gaps) >= size // (5 * burst)


def test_consecutive_probes_fall_on_different_hosts():
    hosts, ports = 256, 1024
    order = Order(hosts * ports, seed=3)
    numbers = list(order.walk())
    for start in range(0, len(numbers), 997):
        burst = [number // ports for number in numbers[start : start + 50]]
        assert len(set(burst)) == len(burst)


def test_equal_seeds_give_equal_orders_and_others_do_not():
    assert list(Order(1000, 5).walk()) == list(Order(1000, 5).walk())
    starts = {tuple(Order(1000, seed)[position] for position in range(5)) for seed in range(50)}
    assert len(starts) > 45


def test_a_huge_space_is_ordered_without_memory():
    order = Order(2**64 * 65535, seed=1)
    assert len({order[position] for position in range(1000)}) == 1000
    with pytest.raises(IndexError):
        order[order.size]


def test_the_whole_is_one_shard():
    assert list(Order(10).walk(WHOLE)) == list(Order(10).walk(Shard(0, 1)))
    with pytest.raises(ValueError, match="shard 2 of 2"):
        Shard(2, 2)
