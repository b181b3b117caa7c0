cimport cython
from streamstate.registry.core cimport StreamStateRegistry
from streamstate.registry.pull cimport PendingPull
from streamstate.registry.record cimport Record, Waiter

cdef object _SPENT

@cython.locals(pull=PendingPull, waiter=Waiter)
cpdef object placed(StreamStateRegistry registry, object stream, bint at_once)
cpdef bint is_known(StreamStateRegistry registry, object stream) except -1
cpdef bint waits(Waiter waiter) except -1
cpdef bint is_abandoned(Waiter waiter) except -1
cpdef Py_ssize_t unseen(Waiter waiter) except -1
cpdef object tell(Waiter waiter, object told)
@cython.locals(record=Record)
cpdef Py_ssize_t queued(object view, Py_ssize_t each) except -1
