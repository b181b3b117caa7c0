# cython: language_level=3, boundscheck=False, wraparound=False
"""The same names as in `native.py`, in C."""

from cpython.pythread cimport PyThread_get_thread_ident

import sys

from streamstate.model import Chunk

cdef extern from "Python.h":
    void PyErr_SetObject(object type, object value)
    object PyType_GenericAlloc(type type, Py_ssize_t items)
    int PyObject_GenericSetAttr(object instance, object name, object value) except -1

cdef type _Chunk = Chunk
cdef str _value = "value"

AWAITED_IN_C = sys.version_info < (3, 12)


cpdef unsigned long here() noexcept:
    return PyThread_get_thread_ident()


cpdef object chunk_of(bytes value):
    cdef object chunk = PyType_GenericAlloc(_Chunk, 0)
    PyObject_GenericSetAttr(chunk, _value, value)  # its own `__setattr__` refuses
    return chunk


cpdef void stop_with(object result) noexcept:
    """Set the exception. `raise StopIteration` without a value then only returns NULL."""
    PyErr_SetObject(StopIteration, result)


cdef class ChunkQueue:
    """A ring: `count` chunks in `cells`, from `first` on, past the end going on at the beginning.
    There are always 2^n cells, so that `&` is enough to stay inside."""

    def __cinit__(self):
        self.cells = [None] * 4
        self.first = self.count = 0

    def __len__(self):
        return self.count

    def __getitem__(self, Py_ssize_t index):
        return self.cells[(self.first + index) & (len(self.cells) - 1)]

    def __iter__(self):
        return iter([self[index] for index in range(self.count)])

    cpdef void append(self, bytes chunk):
        if self.count == len(self.cells):
            self.resize(2 * self.count)
        self.cells[(self.first + self.count) & (len(self.cells) - 1)] = chunk
        self.count += 1

    cpdef bytes popleft(self):
        cdef bytes chunk = self.cells[self.first]
        self.cells[self.first] = None
        self.first = (self.first + 1) & (len(self.cells) - 1)
        self.count -= 1
        if self.count * 4 < len(self.cells) > 64:
            self.resize(len(self.cells) // 2)
        return chunk

    cpdef void insert(self, Py_ssize_t index, bytes chunk):
        """O(index): what is older moves to the front by one."""
        cdef Py_ssize_t older, mask
        if self.count == len(self.cells):
            self.resize(2 * self.count)
        mask = len(self.cells) - 1
        self.first = (self.first - 1) & mask
        self.count += 1
        for older in range(index):
            self.cells[(self.first + older) & mask] = self.cells[(self.first + older + 1) & mask]
        self.cells[(self.first + index) & mask] = chunk

    cdef void resize(self, Py_ssize_t cells):
        self.cells = [*self, *[None] * (cells - self.count)]
        self.first = 0
