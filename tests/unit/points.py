# SPDX-License-Identifier: GPL-2.0
"""The main program of unit tests in Python: each function is a point. Prints KTAP."""


def run(tests):
    """Returns the exit status: 1 when one of the functions TESTS raises."""
    print("KTAP version 1\n1..%d" % len(tests))
    bad = 0
    for number, function in enumerate(tests, 1):
        try:
            function()
            word = "ok"
        except Exception as err:    # pylint: disable=broad-except
            print("# %s: %s" % (type(err).__name__, err))
            word = "not ok"
            bad += 1
        print("%s %d - %s" % (word, number, function.__name__))
    return 1 if bad else 0
