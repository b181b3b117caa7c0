cimport cython
from streamstate.registry.level cimport measured
from streamstate.registry.native cimport ChunkQueue, here, oldest, stop_with
from streamstate.registry.outside cimport Outside
from streamstate.registry.record cimport Doing, Entry, Record, Situation, Waiter

cdef object _ABANDONED
cdef object _SPENT
cdef int _GONE
cdef int _CALLERS
cdef int _DRIVERS
cdef int _FRAMES
cdef int _DRIVING_FRAMES

cdef class PendingPull(Waiter):
    cdef object __weakref__
    cdef public int hands
    cdef public Waiter waiter
    @cython.locals(queue=ChunkQueue, after=int, entry=Entry)
    cpdef object ask(self, Outside outside, Record record, object stream)
    cpdef Waiter take(self)
    @cython.locals(waiter=Waiter)
    cpdef Waiter begin(self, int hands)
    @cython.locals(outside=Outside)
    cpdef object get_ready(self, Waiter waiter)
    @cython.locals(waiter=Waiter)
    cpdef object resume(self)

@cython.locals(pull=PendingPull)
cpdef PendingPull bare()

cdef class Reading:
    cdef Outside _outside
    cdef PendingPull _pull
    cdef Record _record
    cdef object _stream
    @cython.locals(outside=Outside, record=Record, pull=PendingPull)
    cpdef object ask(self)
    cpdef object end(self)
