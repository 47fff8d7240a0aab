"""A part of the wrong forms; `python -m tests.property.wrong_forms` tries all."""

from tests.property.wrong_forms import attempts, wrong

STEP = 83


def test_no_form_is_a_bug_of_ours(tmp_path):
    chosen = [one for index, one in enumerate(attempts()) if index % STEP == 0]
    assert len(chosen) > 80
    failed = {}
    for index, attempt in enumerate(chosen):
        said = wrong(attempt, tmp_path / str(index))
        if said:
            failed[attempt.name] = said
    assert failed == {}
