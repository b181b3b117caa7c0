cimport cython
from streamstate.registry.level cimport measured
from streamstate.registry.native cimport here
from streamstate.registry.outside cimport Outside
from streamstate.registry.pull cimport PendingPull
from streamstate.registry.record cimport Doing, Entry, Record, Situation
from streamstate.registry.streams cimport Table

cdef class StreamStateRegistry(Table):
    @cython.locals(outside=Outside, record=Record, after=int, entry=Entry, data=bytes)
    cpdef object push(self, object stream, object chunk)
    cpdef object send(self, object stream, object chunk)
    cpdef object _place(self, object stream, object chunk, object hold=*)
    @cython.locals(outside=Outside, record=Record, pull=PendingPull)
    cpdef PendingPull pull(self, object stream)
    cpdef Record _find(self, object stream)
    @cython.locals(situation=Situation, entry=Entry)
    cpdef object _do(self, object event, Record record, object subject=*)
