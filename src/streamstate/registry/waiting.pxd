cimport cython
from streamstate.registry.native cimport here
from streamstate.registry.outside cimport Outside
from streamstate.registry.pull cimport PendingPull, bare
from streamstate.registry.record cimport Record, Writer

cdef class ChunkIterator:
    cdef Outside _outside
    cdef PendingPull _pull
    cdef Record _record
    cdef object _stream
