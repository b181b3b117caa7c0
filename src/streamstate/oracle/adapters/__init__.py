"""Every way to run an implementation, and how it can fail.

`implementation` says what the oracle asks of one: a greeting, then an answer to each program, in
order. It runs as a child process (`child`, moved by `pipes`), as several (`team`), or in this
process (`inprocess`, an op at a time, each once the loop is quiet, and read by a `convention`). An
implementation that dies, hangs or says what is no answer raises `ExchangeError`, and never anything
else.

To add a way to run implementations, write a class with the methods of
`implementation.Implementation`.
"""
