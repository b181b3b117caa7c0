cimport cython
from streamstate.registry.record cimport Waiter

cdef class PlacedPull:
    cdef object __weakref__
    cdef public Waiter waiter
    cdef public int form
    cdef public object ticket
    cdef object _outbox

cdef class Outbox:
    cdef object __weakref__
    cdef object _wake
    cdef object _failures
    cdef public object entries
    cdef Py_ssize_t _left
    cdef Py_ssize_t _room
    cdef object _payloads
    cdef list _free
    cdef public object open_tickets
    cpdef object open(self, object holder)
    cpdef object add(self, object entry)
    cpdef object returned(self, object value)
    cpdef object failed(self, str description)

cpdef object look(Waiter waiter, int form)
