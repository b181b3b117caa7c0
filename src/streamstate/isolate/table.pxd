cimport cython
from streamstate.isolate.outbox cimport Outbox
from streamstate.isolate.quota cimport Holdings
from streamstate.isolate.values cimport chunk_of, stream_id, text_of
from streamstate.registry.core cimport StreamStateRegistry
from streamstate.registry.placing cimport is_known, placed, waits
from streamstate.registry.record cimport Waiter

cdef class Table:
    cdef object __weakref__
    cdef object _context
    cdef object _holder
    cdef Outbox _outbox
    cdef Holdings _holdings
    cdef object _failures
    @cython.locals(registry=StreamStateRegistry)
    cpdef StreamStateRegistry registry(self)
    @cython.locals(registry=StreamStateRegistry, data=bytes)
    cpdef object push(self, object stream, object chunk)
    @cython.locals(accepted=bint)
    cpdef object _pushed(self, StreamStateRegistry registry, object stream, bytes data)
    @cython.locals(registry=StreamStateRegistry, outbox=Outbox)
    cpdef object pull(self, object stream, int form=*)
    cpdef object pull_json(self, object stream)
    cpdef object read(self, object stream)
    cpdef object _rest(self, Waiter waiter, int form)
