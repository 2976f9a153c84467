"""A lean HTTP/1.1 client of one process, closed loop or open loop: `python -m loadtests.client --help`."""
