"""The loan engine beside PyPI's mortgagemath and amortization.

    python3 bench/schedules.py rate     how many plain 360-row schedules a second each of the two makes
    python3 bench/schedules.py check    10,000 random plain loans, every row to the cent against mortgagemath

Run it in the repository's folder. It installs the two into target/bench-venv (Debian: python3-venv), and
`check` builds the engine's oracle runner, through which it asks.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
import venv
import warnings
from decimal import Decimal
from fractions import Fraction

VENV = "target/bench-venv"


def in_environment():
    """Goes on in an environment that has the two packages."""
    python = f"{VENV}/bin/python"
    if os.path.abspath(sys.prefix) == os.path.abspath(VENV):
        return
    if not os.path.exists(python):
        venv.create(VENV, with_pip=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.check_call([*install, "-r", "bench/requirements.txt"])
    os.execv(python, [python, *sys.argv])


in_environment()

import amortization  # noqa: E402
import mortgagemath as mm  # noqa: E402

LOANS = 10_000
BATCH = 250
NOTHING = ("0.00", "0.00")
ORACLE = "target/release/examples/oracle"
ROUNDINGS = {
    "ceiling": mm.PaymentRounding.ROUND_UP,
    "down": mm.PaymentRounding.ROUND_DOWN,
    "half_up": mm.PaymentRounding.ROUND_HALF_UP,
    "half_even": mm.PaymentRounding.ROUND_HALF_EVEN,
}


def rate():
    loan = mm.LoanParams(
        principal=Decimal("250000.00"),
        annual_rate=Decimal("12.25"),
        term_months=360,
        payment_rounding=mm.PaymentRounding.ROUND_HALF_UP,
    )

    def per_second(count, make):
        began = time.perf_counter()
        for _ in range(count):
            make()
        return count / (time.perf_counter() - began)

    print(
        json.dumps(
            {
                "mortgagemath": per_second(400, lambda: mm.amortization_schedule(loan)),
                "amortization": per_second(800, lambda: list(amortization.amortization_schedule(250000.0, 0.1225, 360))),
            }
        )
    )


def random_loan(chance):
    return {
        "principal": Decimal(chance.randint(100_000, 500_000_000)) / 100,
        "rate": Decimal(chance.randint(25, 36_00)) / 100,
        "months": chance.randint(2, 360),
        "instalment": chance.choice(list(ROUNDINGS)),
        "interest": chance.choice(["half_up", "half_even"]),
    }


def case(number, loan):
    return {
        "id": str(number),
        "kind": "schedule.plain",
        "inputs": {
            "principal": f"{loan['principal']:.2f}",
            "annual_rate_percent": str(loan["rate"]),
            "interest_method": "declining_balance",
            "amortization": "equal_installments",
            "number_of_installments": loan["months"],
            "repay_every": 1,
            "repay_unit": "months",
            "currency_decimals": 2,
            "rounding_mode": loan["interest"],
            "installment_rounding": {"mode": loan["instalment"], "multiple": "0.01"},
            "day_count": "30_360_period",
            "emi_basis": "nominal_period",
            "recalculation": {"enabled": False},
            "events": [{"type": "disbursement", "date": "2026-01-15", "amount": f"{loan['principal']:.2f}"}],
        },
    }


def theirs(loan):
    parameters = mm.LoanParams(
        principal=loan["principal"],
        annual_rate=loan["rate"],
        term_months=loan["months"],
        payment_rounding=ROUNDINGS[loan["instalment"]],
        interest_rounding=ROUNDINGS[loan["interest"]],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", mm.EarlyPayoffWarning)
        schedule = mm.amortization_schedule(parameters)
    # Row 0 is the state before the first payment.
    return [(str(r.principal), str(r.interest), str(r.balance)) for r in schedule if r.number > 0]


def is_exact_half_cent(loan, ours, theirs):
    """Whether the first row on which the two differ has interest of exactly half a cent more than a cent.

    The engine reckons with exact fractions. mortgagemath cuts the monthly rate to 28 digits, which makes
    such a half a little more or a little less than it is and rounds it the other way.
    """
    at = next((nth for nth, (one, other) in enumerate(zip(ours, theirs)) if one != other), None)
    if at is None:
        return False
    before = Fraction(ours[at - 1][2]) if at else Fraction(loan["principal"])
    cents = before * Fraction(loan["rate"]) / 12
    return (2 * cents).denominator == 1 and cents.denominator == 2


def check():
    subprocess.check_call(["cargo", "build", "--quiet", "--release", "-p", "tawi-domain", "--example", "oracle"])
    chance = random.Random(2026)
    loans = [random_loan(chance) for _ in range(LOANS)]
    same, halves, different = 0, 0, []
    for start in range(0, LOANS, BATCH):
        batch = loans[start : start + BATCH]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"cases": [case(start + nth, loan) for nth, loan in enumerate(batch)]}, file)
            file.flush()
            results = json.loads(subprocess.check_output([ORACLE, file.name]))
        for nth, loan in enumerate(batch):
            result = results[str(start + nth)]
            rows = [(p["principal"], p["interest"], p["balance"]) for p in result.get("periods", [])]
            # A rounded-up instalment may repay a loan early: rows that ask for nothing are not theirs.
            rows = [row for row in rows if row[:2] != NOTHING]
            expected = [row for row in theirs(loan) if row[:2] != NOTHING]
            if rows == expected:
                same += 1
            elif is_exact_half_cent(loan, rows, expected):
                halves += 1
            else:
                different.append((loan, result.get("error"), len(rows), len(expected)))
    print(f"{same} of {LOANS} loans agree to the cent with mortgagemath, every row")
    print(f"{halves} differ first where interest is exactly half a cent, which its 28-digit monthly rate misses")
    print(f"{len(different)} differ otherwise")
    for loan in different[:10]:
        print(*loan)
    return 1 if different else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["rate"]:
        rate()
    elif sys.argv[1:] == ["check"]:
        sys.exit(check())
    else:
        sys.exit(__doc__)
