from streamstate.registry.record cimport Record, Writer

cdef class ChunkIterator:
    cdef object _bare
    cdef object _place
    cdef object _pull
    cdef Record _record
    cdef object _stream
