cimport cython
from streamstate.registry.record cimport Waiter

@cython.locals(waiter=Waiter)
cpdef object placed(object registry, object stream, bint at_once)
cpdef bint waits(Waiter waiter) except -1
cpdef bint is_abandoned(Waiter waiter) except -1
cpdef Py_ssize_t unseen(Waiter waiter) except -1
cpdef object tell(Waiter waiter, object told)
