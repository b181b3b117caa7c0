cimport cython
from streamstate.registry.native cimport here
from streamstate.registry.outside cimport Outside
from streamstate.registry.record cimport Record, Writer

@cython.locals(record=Record)
cpdef object line_up(Outside outside, dict streams, Record absent, object stream)
