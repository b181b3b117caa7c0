from streamstate.registry.outside cimport Outside
from streamstate.registry.record cimport Record

cdef class Table:
    cdef object __weakref__
    cdef public Record _absent
    cdef public object _dialect
    cdef public object _limits
    cdef public long long _next_stream
    cdef public Outside _outside
    cdef public dict _streams
    cdef public object _watch
