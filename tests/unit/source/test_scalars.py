"""Plain scalars: what the strict dialect refuses, what Kubernetes reads (recorded from sigs.k8s.io/yaml 1.6.0)."""

import pytest

from generator.source.scalars import OddScalarError, kubernetes_scalar, strict_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("0", 0),
        ("-7", -7),
        ("1.5", 1.5),
        ("2.0", 2),
        ("8Gi", "8Gi"),
        ("v1.9.0", "v1.9.0"),
        ("1.9.0", "1.9.0"),
        ("2027-03-31", "2027-03-31"),
        ("8086:4941", "8086:4941"),
        ("a: b", "a: b"),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_strict_reads_what_all_readers_agree_on(text, value):
    assert strict_scalar(text) == value
    assert type(strict_scalar(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "y",
        "Y",
        "yes",
        "NO",
        "on",
        "Off",
        "=",
        "<<",
        "0777",
        "012",
        "08",
        "0o17",
        "0x1F",
        "0b1",
        "1_000",
        "1:30",
        "1e3",
        "1E+3",
        "5.",
        ".5",
        ".inf",
        "-.inf",
        ".NaN",
        "9223372036854775808",
    ],
)
def test_strict_refuses_what_readers_take_differently(text):
    with pytest.raises(OddScalarError):
        strict_scalar(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("y", True),
        ("N", False),
        ("Off", False),
        ("0777", 511),
        ("012", 10),
        ("08", 8),
        ("0o777", 511),
        ("0x1f", 31),
        ("-0b11", -3),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1.0", 1),
        ("5.", 5),
        ("0.25", 0.25),
        ("1:30", "1:30"),
        ("2024-01-02", "2024-01-02"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("=", "="),
        ("1.9.0", "1.9.0"),
    ],
)
def test_kubernetes_reads_as_the_api_machinery(text, value):
    assert kubernetes_scalar(text) == value
    assert type(kubernetes_scalar(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".NaN", "1e999"])
def test_kubernetes_refuses_what_json_cannot_hold(text):
    with pytest.raises(OddScalarError):
        kubernetes_scalar(text)
