cpdef unsigned long here() noexcept
cpdef object chunk_of(bytes value)
cpdef void stop_with(object result) noexcept

cdef class ChunkQueue:
    cdef list cells
    cdef Py_ssize_t first
    cdef readonly Py_ssize_t count
    cpdef void append(self, bytes chunk)
    cpdef bytes popleft(self)
    cpdef void insert(self, Py_ssize_t index, bytes chunk)
    cdef list in_order(self)
    cdef void resize(self, Py_ssize_t cells)

cpdef bytes oldest(ChunkQueue queue)

cdef class Awaited:
    cpdef object wait_on(self)
    cpdef object result(self)
