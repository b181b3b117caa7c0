cimport cython
from streamstate.isolate.outbox cimport Outbox
from streamstate.registry.core cimport StreamStateRegistry
from streamstate.registry.placing cimport queued

cdef Py_ssize_t PER_CHUNK

cdef class Held:
    cdef public Py_ssize_t message
    cdef public Py_ssize_t size
    cdef public object view
    @cython.locals(left="Py_ssize_t", less="Py_ssize_t")
    cpdef Py_ssize_t look(self) except -1

cdef class Holdings:
    cdef public Py_ssize_t room
    cdef Outbox _outbox
    cdef Py_ssize_t _most_waiting
    cdef object _quota
    cdef dict _streams
    cdef Py_ssize_t _unpushed
    cdef bint _has_looked
    cdef bint _is_exact
    cpdef object begin_turn(self)
    cpdef object forget(self)
    cpdef object require_stream(self)
    cpdef object require_bytes(self, Py_ssize_t size)
    cpdef object require_chunk(self, Py_ssize_t size)
    cpdef object require_waiting(self)
    @cython.locals(held=Held)
    cpdef Held add_stream(self, StreamStateRegistry registry, object stream)
    @cython.locals(held=Held)
    cpdef object add_chunk(self, StreamStateRegistry registry, object stream, Py_ssize_t size)
    @cython.locals(held=Held)
    cpdef object add_message(self, StreamStateRegistry registry, object stream, Py_ssize_t size)
    @cython.locals(held=Held)
    cpdef object take_chunk(self, object stream)
    cpdef object add_unpushed(self, Py_ssize_t size)
    cpdef object drop_unpushed(self, Py_ssize_t size)
    @cython.locals(held=Held, size="Py_ssize_t")
    cpdef object _count(self)
