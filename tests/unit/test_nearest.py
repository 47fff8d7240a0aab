"""The quick search for near words finds what difflib finds, and stays quick for 100,000 words."""

import difflib
import random
import string
import time

from generator.digits import whole
from generator.finding import did_you_mean
from generator.nearest import Budget, nearest

WORDS = ("nodePools", "virtualMachines", "deviceClasses", "namespace", "memory", "hugepages", "guest", "disks", "", "a",
         "é", "aaaaaaaaaaaaaaaaaaaaaaaa", "kernelArguments", "nodeSelector", "ab" * 60)  # fmt: skip


def test_as_difflib():
    drawn = random.Random(14)
    for _ in range(3000):
        word = list(drawn.choice(WORDS))
        for _ in range(drawn.randrange(4)):
            word.insert(drawn.randrange(len(word) + 1), drawn.choice(string.printable))
        text = "".join(word)[:128]
        options = drawn.sample(WORDS, drawn.randrange(len(WORDS)))
        assert nearest(text, options) == difflib.get_close_matches(text, options, n=3, cutoff=0.6)


def test_long_words_have_no_near_ones():
    assert nearest("a" * 1000, ["a" * 1001]) == []


def test_hints_end_where_the_budget_does():
    budget = Budget(20)
    hints = [did_you_mean("gest", ["guest"] + [f"other{n}" for n in range(9)], budget) for _ in range(3)]
    assert hints == ['did you mean "guest"?', 'did you mean "guest"?', ""]


def test_a_hundred_thousand_words_take_seconds():
    budget, before = Budget(), time.process_time()
    for number in range(100_000):
        did_you_mean(f"nodePools{number}", WORDS, budget)
    assert time.process_time() - before < 10


def test_numbers_of_any_length():
    numbers = ("0", "-12", "9" * 100_000, "-" + "9" * 100_000)
    assert [whole(text) for text in numbers] == [0, -12, 10**1000, -(10**1000)]
