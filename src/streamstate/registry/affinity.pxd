cdef class Affinity:
    cdef public object thread
    cdef object _loop
