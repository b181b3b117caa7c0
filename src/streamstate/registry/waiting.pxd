cimport cython
from streamstate.registry.outside cimport Outside
from streamstate.registry.pull cimport Reading
from streamstate.registry.record cimport Record, Writer, line_up

cdef class ChunkIterator(Reading):
    pass
