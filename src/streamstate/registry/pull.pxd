from streamstate.registry.native cimport stop_with
from streamstate.registry.record cimport Call, Waiter

cdef class PendingPull(Call):
    cdef object __weakref__
    cdef public bint in_a_frame
    cpdef Waiter resume(self)
