cimport cython
from streamstate.registry.level cimport measured
from streamstate.registry.native cimport Awaited, ChunkQueue, chunk_of, here
from streamstate.registry.outside cimport Outside, wake

cdef object _SPENT

cdef class Waiter(Awaited):
    cdef public object future
    cdef public object outcome
    cdef public Outside outside
    cdef public long long place
    cdef public long long pull
    cdef public Record record
    cpdef object look(self)
    cpdef object announce_look(self)
    @cython.locals(record=Record, outside=Outside, size="Py_ssize_t", after=int, entry=Entry)
    cpdef object leave(self)

cdef class Writer:
    cdef public object future
    cdef public Outside outside
    cdef public Record record
    @cython.locals(outside=Outside)
    cpdef object told(self)
    cpdef object leave(self)

cdef class Entry:
    cdef public Doing doing
    cdef public object returned
    cdef public Situation situation

cdef class Situation:
    cdef public object control
    cdef public object writable
    cdef public tuple on
    cdef public tuple on_pull
    cdef public tuple on_push

cdef class Record:
    # What every push and pull looks at comes first, to be near in memory.
    cdef public Situation situation
    cdef public object others
    cdef public long long count
    cdef public long long size
    cdef public ChunkQueue queue
    cdef public long long accepted
    cdef public list places
    cdef public Waiter first
    cdef public object last
    cdef public object writers
    cdef public object abandoned
    cdef public object offers
    cdef public object failure
    cdef public object number
    cpdef object add_waiter(self, Waiter waiter)
    @cython.locals(oldest=Waiter)
    cpdef Waiter pop_waiter(self)
    cpdef object remove_waiter(self, Waiter waiter)
    cpdef list pop_waiters(self)
    cpdef object add_writer(self, Writer writer)
    cpdef object remove_writer(self, Writer writer)
    @cython.locals(first=Writer)
    cpdef object give_turn(self)

cdef class Doing:
    cpdef object do(self, Outside outside, Record record, object subject)
