"""One module for each thing that hands bytes over in a program, and in each the same four works.

A work prepares, reads the clock, hands `COUNT` chunks of one kibibyte over, and returns how many
nanoseconds of the thread's time that took:

- `buffered` puts one in and takes it out again, so that nothing ever waits;
- `handoff` has a task that waits for every chunk before the other puts it in;
- `loop` puts all in, says that no more will come, and takes them in one loop to that end;
- `pipe` has one task that puts while there is room for sixteen, and one that takes to the end.

The works look alike and are written out all the same. An interpreter specialises each place of
the code for what it meets there; one that two libraries shared would be specialised for neither.
For the same reason nothing is called through a lambda or a closure: all is in local variables.

`LACKS`, where a module has it, says of which kind of work there is none, and why.
"""
