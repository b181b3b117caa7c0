cimport cython
from streamstate.registry.native cimport ChunkQueue
from streamstate.registry.outside cimport Outside, wake
from streamstate.registry.pull cimport PendingPull
from streamstate.registry.record cimport Doing, Record, Waiter

cdef object _SPENT

cpdef object settle(Outside outside, Waiter waiter, object outcome)
cpdef object answer(Outside outside, Waiter pull, object outcome)

cdef class _Append(Doing):
    @cython.locals(chunk=bytes, queue=ChunkQueue)
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _HandQueued(Doing):
    @cython.locals(pull=Waiter, chunk=bytes, queue=ChunkQueue)
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _HandPushed(Doing):
    @cython.locals(waiter=Waiter)
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _Wait(Doing):
    @cython.locals(pull=PendingPull, waiter=Waiter)
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _Leave(Doing):
    @cython.locals(waiter=Waiter)
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _Unblock(Doing):
    cpdef object do(self, Outside outside, Record record, object subject)

cdef class _Sequence(Doing):
    cdef tuple doings
    @cython.locals(doing=Doing)
    cpdef object do(self, Outside outside, Record record, object subject)
