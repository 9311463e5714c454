from rootkappa.rates import RateStatus


def test_a_status_is_its_text():
    assert [str(status) for status in RateStatus] == [
        "resolved",
        "bracketed",
        "lower bound only",
        "cannot tell",
    ]
