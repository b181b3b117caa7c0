from streamstate.registry.ops cimport Ops

cdef class StreamStateRegistry(Ops):
    cdef object __weakref__
    cdef public object _watch
