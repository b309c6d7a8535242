"""Salary texts: what is read, and what is not guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.surveys.salaries.text import Salary, read_salary


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("15k-30k", Salary(15_000, 30_000)),
        ("18K-30K", Salary(18_000, 30_000)),
        ("15k以上", Salary(15_000, None)),
        ("15k及以上", Salary(15_000, None)),
        ("15k+", Salary(15_000, None)),
        ("15k以下", Salary(None, 15_000)),
        ("不超过8千", Salary(None, 8_000)),
        ("200-300元/天", Salary(200, 300, period="day")),
        ("200元/天起", Salary(200, None, period="day")),
        ("150/小时", Salary(150, 150, period="hour")),
        ("1.5万-2万/月", Salary(15_000, 20_000)),
        ("20-40万/年", Salary(200_000, 400_000, period="year")),
        ("年薪20-40万", Salary(200_000, 400_000, period="year")),
        ("15-30K·14薪", Salary(15_000, 30_000, months=14)),
        ("15k-30k*16薪", Salary(15_000, 30_000, months=16)),
        ("15K-30K(13薪)", Salary(15_000, 30_000, months=13)),
        ("１５ｋ－３０ｋ", Salary(15_000, 30_000)),
        ("8千-1.2万", Salary(8_000, 12_000)),
        ("15,000–30,000元", Salary(15_000, 30_000)),
        ("￥15000~30000", Salary(15_000, 30_000)),
        ("15k", Salary(15_000, 15_000)),
        ("80k-150k", Salary(80_000, 150_000)),
        ("$5k-8k/month", Salary(5_000, 8_000, currency="USD")),
        ("HK$20k-30k", Salary(20_000, 30_000, currency="HKD")),
    ],
)
def test_a_salary_is_read(text, salary):
    assert read_salary(text) == salary


@pytest.mark.parametrize("dash", "-‐‑‒–—―−－﹣~～〜至到")
def test_every_kind_of_dash_joins_two_bounds(dash):
    assert read_salary(f"15k {dash} 30k") == Salary(15_000, 30_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "8-15万",
        "面议",
        "薪资面议",
        "k-k",
        "-",
        "30k-15k",
        "0k-0k",
        "-5k",
        "15k-30k-40k",
        "15-30k·100薪",
        "10k-20k以上",
        "15-30",
        "20-40万",
        "1e5",
        "15k-30k!",
        "competitive",
        "∞",
        "15k" * 50,
        "9" * 99,
    ],
)
def test_what_says_no_figure_or_could_mean_two_things_is_not_guessed(text):
    assert read_salary(text) is None


def test_amounts_are_compared_as_a_month():
    texts = ["15k-30k", "300元/天", "24万/年", "50元/小时", "15k以上", "15-30k·14薪"]
    monthly = [round(salary.monthly) for text in texts if (salary := read_salary(text))]
    assert monthly == [22_500, 6_525, 20_000, 8_700, 15_000, 22_500]


AMOUNTS = st.tuples(st.integers(1, 99), st.integers(0, 60)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(AMOUNTS, st.sampled_from("-–~～至"), st.sampled_from(["k", "K", "ｋ", "千"]), st.booleans())
def test_the_ways_to_write_a_salary_mean_the_same(bounds, dash, unit, twice):
    low, high = bounds
    text = f"{low}{unit if twice else ''}{dash}{high}{unit}"
    assert read_salary(text) == Salary(low * 1000, high * 1000)


@given(st.text(max_size=120) | st.text("0123456789.,kKw万千-~/天月年薪元以上下·* ", max_size=30))
def test_no_text_is_an_error_and_bounds_are_in_order(text):
    salary = read_salary(text)
    if salary is not None:
        bounds = [bound for bound in (salary.low, salary.high) if bound is not None]
        assert bounds == sorted(bounds)
        assert bounds[0] > 0
        assert salary.monthly > 0
