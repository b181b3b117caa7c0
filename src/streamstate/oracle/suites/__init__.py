"""The programs of a check: one generator a file, and the plan that puts them in order.

Small cases come first, all of them; complete suites miss no fault up to a stated number of states;
programs with a shape reach what no short one can; random walks come last.

To add a suite, write a generator in a file of its own and name it in `plan`.
"""
