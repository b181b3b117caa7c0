cimport cython
from streamstate.registry.outside cimport Outside
from streamstate.registry.pull cimport Reading
from streamstate.registry.lining cimport line_up
from streamstate.registry.record cimport Record, Writer

cdef class ChunkIterator(Reading):
    pass
