cimport cython
from streamstate.registry.native cimport here, stop_with
from streamstate.registry.outside cimport Outside
from streamstate.registry.record cimport Waiter

cdef class PendingPull(Waiter):
    cdef object __weakref__
    cdef public bint driven
    cdef public bint in_a_frame
    cdef public bint taken
    cdef public Waiter waiter
    cpdef object see_at_once(self)
    cpdef Waiter take(self)
    @cython.locals(outside=Outside, waiter=Waiter)
    cpdef Waiter begin(self, bint driven)
    cpdef Waiter resume(self)

@cython.locals(pull=PendingPull)
cpdef PendingPull bare()
