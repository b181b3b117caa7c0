from streamstate.registry.native cimport ChunkQueue, here

cpdef bint wake(object future) except -1

cdef class Outside:
    cdef public object announcer
    cdef public object dropped
    cdef public long long high_water_mark
    cdef public object loop
    cdef public long long max_queue_chunks
    cdef public long long next_pull
    cdef public unsigned long ready
    cdef public bint scheduled
    cdef public ChunkQueue spare
    cdef public unsigned long thread
    cdef public dict watched
    cdef public long long next_push
    cdef public long long blocked  # last: every op looks at the others, and they are near in memory
    cpdef object enter(self)
    cpdef object make_future(self)
    cpdef object tell_watchers(self, object record)
    cpdef object give_up(self, object caller, object stop)
    cpdef object leave(self, object caller)
    cpdef object note(self, object caller)
    cpdef object sweep(self)
