"""Draw quantities, and write down what apimachinery makes of them.

`python -m tests.support.quantities.record FOLDER` needs Go and a folder of a module that requires
k8s.io/apimachinery v0.36.3; it writes tests/data/quantities.json, whose rows main.go describes.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "data" / "quantities.json"
EDGES = """
    0 -0 +0 00 - + . -. +. .. 1.2.3 0.0 .0 0. 007 0.007 -007 Ki m e1 e E 1e 1E 1e+ 1e- 1E+ e3 E3 -e3 .Ki .5 5. -.5
    +5M 1gi 1Kib 1KB 1K 1g 1i 1Ei 1Eii 1mi 1ki 0x10 1_000 --1 +-1 1- 1+ 1-1 1e3 1E3 12e6 1e+3 1e-3 1e-9 1e-10 1e-18
    1e-19 1e-100 1e18 1e19 1e20 9e18 1e1001 1e9999 1e99999 -1e99999 3e99998 1e2147483646 1e2147483647 1e4294967296
    1e4294967299 1e-4294967296 1e9223372036854775807 1e9223372036854775808 1e4294967295 1e00000000000000000003
    1.5e2147483646 1e1.5 1e.5 1e3e3 1e3Ki 1Kie3 10e0 9223372036854775806 9223372036854775807 9223372036854775808
    -9223372036854775807 -9223372036854775808 -9223372036854775809 18446744073709551615 18446744073709551616
    1000000000000000000000000000000 999999999999999999 1000000000000000000 123456789012345678 1234567890123456789
    12345678901234567890 0.000000001 0.0000000001 0.0000000011 0.999999999 0.9999999999 1.000000000000000001
    -1.0000000000000000001 -1.5 -0.0000000001 -1.00000000000000000001 -0.5Gi -1.5Gi -12Ei 1000 1000m 1500m 999m
    1000k 1000E 12E 1000000E 1001E 10E 9E 9.3E 1000P 1n 1u 1000n 1000000n 1000000000n 1500u 0.1n 1.5n 0.5u 1.1m 0.1m
    100m 0.1 1Ki 8Ki 1024Ki 1023Ki 2048Ki 1024Mi 16Gi 1.5Gi 0.5Gi 0.5Ki 0.0001Ki 7.Mi 7.5Mi 7Ei 8Ei 9Ei 12Ei 7.9Ei
    8191Pi 8192Pi 1024Ti 99999999999Ki 999999999999Ki 123456789Gi 12345Ti 1234Pi 9007199254740993Ki 512 1024 1023
    1073741824 0Gi 0.0Gi 0e5 0e99999 0.0e99999 00e3 0E 000.000Mi +1Gi -1Gi +.5Gi 1.0 1.00 1.000 2.50 010 1,5 NaN Inf
    inf true null 2.1M 3.717e3 1.5e3 -9.5Ei e-10 .e-10 -e-10 0e-10 -0e-10 20e2147483646 1e-300
    -111111111111111111111111111111111 -0.9999999999999999999999999999999 10e18 1e6 12e9 5e2 -1e9
    9223372036854775807n 999999999999999999n 1000000000000000000n 123456789012345678m 9e9E 1M3 1m3 3e-2m 7e 0.1Ki
    100Ki3
"""
ODD = (
    *("", "1 Gi", " 1Gi", "1Gi ", "\t1Gi", "\u00a01Gi", "\u20031Gi", "1\u00a0", "\n1", "\u20281", "\x851", "\x1c1", "1.5 "),
    *("\uff11", "\u0661", "1\u0661", "1e\u0661", "1" + "0" * 30, "0" * 40 + "7", "0." + "0" * 40 + "7", "1" * 40, "-" + "1" * 40),
    *("1" * 40 + "Ki", "-" + "1" * 40 + "Ki", "1" * 40 + "e-30", "0." + "9" * 40, "-0." + "9" * 40, "4" * 400),
    *("1" + "0" * 5000, "-" + "7" * 5000, "1" * 450 + "Mi", "1" * 450 + "e-430", "1." + "3" * 450, "0." + "0" * 450 + "1"),
)  # fmt: skip
SUFFIXES = (
    *("", "", "", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "n", "u", "m", "k", "M", "G", "T", "P", "E"),
    *("e0", "e1", "e2", "e3", "E6", "e-3", "e-9", "e-10", "E-1", "e15", "e18", "e19", "e30", "e+2", "e005"),
)  # fmt: skip


def number(draw: random.Random) -> str:
    """The text of a number before its suffix."""
    digits = str(draw.randrange(10 ** draw.randint(1, 21)))
    if draw.random() < 0.4:
        digits = str(draw.choice((1, 2, 4, 8, 10, 16, 64, 100, 500, 512, 1000, 1024, 1536, 2048, 4096, 32768)))
    if draw.random() < 0.3:
        cut = draw.randint(0, len(digits))
        digits = f"{digits[:cut]}.{digits[cut:]}"
    return draw.choice(("", "", "", "", "-", "+")) + draw.choice(("", "", "", "0", "000")) + digits


def questions(seed: int = 7) -> tuple[list[str], list[tuple[str, str]]]:
    """Texts, some of them no quantities, and pairs of texts that are; the same seed draws the same."""
    draw = random.Random(seed)
    drawn = [number(draw) + draw.choice(SUFFIXES) for _ in range(700)]
    soup = ["".join(draw.choices("0123456789+-.eEKMGiknum ", k=draw.randint(1, 6))) for _ in range(300)]
    held = [*drawn, "0", "0", "1", "1Gi", "1.0", "12Ei", "1e50", "1e-9", "9223372036854775807", "-9223372036854775807"]
    pairs = [(draw.choice(held), draw.choice(held)) for _ in range(500)]
    close = [
        (text, draw.choice((text, text + "0" if "." in text and text[-1].isdigit() else text))) for text in drawn[:60]
    ]
    far = [("1e300", "1"), ("1", "1e300"), ("1e300", "1e-9"), ("1e99999", "1e99998"), ("-1e99999", "1"), ("0e9", "5Ki")]
    return list(dict.fromkeys([*EDGES.split(), *ODD, *drawn, *soup])), list(dict.fromkeys([*pairs, *close, *far]))


def main(folder: Path) -> None:
    """Build main.go in the folder's module, run it, write the rows."""
    texts, pairs = questions()
    program = folder / "quantities"
    (folder / "main.go").write_bytes((HERE / "main.go").read_bytes())
    subprocess.run(["go", "build", "-mod=mod", "-o", program, "./main.go"], cwd=folder, check=True)
    asked = json.dumps({"texts": texts, "pairs": pairs})
    told = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
    rows = [json.dumps(json.loads(line)) for line in told.stdout.strip("\n").split("\n")]
    DATA.write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
