"""Hints of how a name is written, for each form a name has."""

import pytest

from generator.schema.naming import dns1035_label, label, name_hint, subdomain

CASES = [
    (subdomain, "My_Name", "write my-name"),
    (subdomain, "Web.Example", "write web.example"),
    (label, "Web", "write web"),
    (label, "a.b", "write a-b"),
    (dns1035_label, "Web", "write web"),
    (dns1035_label, "1A", ""),
    (subdomain, "-a", ""),
    (subdomain, "ü", ""),
    (subdomain, "a" * 254, ""),
]


@pytest.mark.parametrize(("check", "value", "hint"), CASES)
def test_a_hint_is_a_name_that_holds(check, value, hint):
    complaints = check(value)
    assert complaints
    hints = {name_hint(value, complaint) for complaint in complaints}
    assert hints == {hint}
    assert not hint or check(hint.removeprefix("write ")) == ()
