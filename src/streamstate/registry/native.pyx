# cython: language_level=3, boundscheck=False, wraparound=False
"""The same names as in `native.py`, in C."""

from cpython.list cimport PyList_GET_ITEM, PyList_SET_ITEM
from cpython.pythread cimport PyThread_get_thread_ident
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject

from streamstate.model import Chunk

cdef extern from "Python.h":
    object PyType_GenericAlloc(type type, Py_ssize_t items)
    ctypedef struct PyAsyncMethods:
        void* am_send
    ctypedef struct PyTypeObject:
        PyAsyncMethods* tp_as_async
        PyObject* tp_dict
    void PyType_Modified(type type)

cdef extern from *:
    """
    #if PY_VERSION_HEX < 0x030C0000
    #define set_stop_iteration(result) PyErr_SetObject(PyExc_StopIteration, result)
    #else
    /* From 3.12 on an exception that is set is an object. This makes it as `StopIteration(result)`
       does, but without the calls of `__new__` and `__init__`, which take longer than the rest. */
    static void set_stop_iteration(PyObject *result) {
        PyTypeObject *type = (PyTypeObject *)PyExc_StopIteration;
        PyStopIterationObject *stop = (PyStopIterationObject *)type->tp_alloc(type, 0);
        if (stop == NULL || (stop->args = PyTuple_Pack(1, result)) == NULL) {
            Py_XDECREF(stop);
            return;
        }
        stop->value = Py_NewRef(result);
        PyErr_SetRaisedException((PyObject *)stop);
    }
    #endif
    """
    void set_stop_iteration(object result) noexcept

cdef extern from "structmember.h":
    ctypedef struct PyMemberDef:
        Py_ssize_t offset
    ctypedef struct PyMemberDescrObject:
        PyMemberDef* d_member

cdef type _Chunk = Chunk
cdef Py_ssize_t _value = (<PyMemberDescrObject*><PyObject*>Chunk.__dict__["value"]).d_member.offset

cpdef unsigned long here() noexcept:
    return PyThread_get_thread_ident()


cpdef object chunk_of(bytes value):
    cdef object chunk = PyType_GenericAlloc(_Chunk, 0)
    Py_INCREF(value)
    (<PyObject**>(<char*><PyObject*>chunk + _value))[0] = <PyObject*>value  # the slot, empty yet
    return chunk


cpdef void stop_with(object result) noexcept:
    """Set the exception. `raise StopIteration` without a value then only returns NULL."""
    set_stop_iteration(result)


cdef inline void put(list cells, Py_ssize_t index, object value) noexcept:
    """Put it there, without the questions that Cython asks about any index."""
    cdef PyObject* old = <PyObject*>PyList_GET_ITEM(cells, index)
    Py_INCREF(value)
    PyList_SET_ITEM(cells, index, value)
    Py_DECREF(<object>old)


cpdef bytes oldest(ChunkQueue queue):
    return queue.cells[queue.first]


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
        return iter(self.in_order())

    cpdef void append(self, bytes chunk):
        if self.count == len(self.cells):
            self.resize(2 * self.count)
        put(self.cells, (self.first + self.count) & (len(self.cells) - 1), chunk)
        self.count += 1

    cpdef bytes popleft(self):
        cdef bytes chunk = self.cells[self.first]
        put(self.cells, self.first, None)
        self.first = (self.first + 1) & (len(self.cells) - 1)
        self.count -= 1
        if self.count * 8 < len(self.cells) > 64:
            self.resize(len(self.cells) // 4)
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

    cdef list in_order(self):
        return (self.cells[self.first:] + self.cells[:self.first])[:self.count]

    cdef void resize(self, Py_ssize_t cells):
        self.cells = self.in_order() + [None] * (cells - self.count)
        self.first = 0


cdef class Awaited:
    """What is awaited as the object that it is; see `native.py`."""

    cpdef object wait_on(self):
        """Begin, or go on: what there is to wait for, or None if `result` can be had."""
        raise NotImplementedError

    cpdef object result(self):
        """What the `await` returns. Raises what it raises."""
        raise NotImplementedError


cdef int send(Awaited awaited, object value, PyObject** sent) except -1:
    """`am_send`, by which 3.11 and asyncio go on with what they await: what is returned needs no
    `StopIteration` to carry it."""
    sent[0] = NULL  # where it raises
    cdef object future = awaited.wait_on()
    cdef object result = awaited.result() if future is None else next(iter(future))
    Py_INCREF(result)
    sent[0] = <PyObject*>result
    return 0 if future is None else 1  # PYGEN_RETURN, PYGEN_NEXT


def awaited_through(type kind, object steps):
    """Have `await` go on with an `Awaited` of this type by `send`, where it asks for that."""
    (<PyTypeObject*>kind).tp_as_async.am_send = <void*>send
    # What tasks show of what they run: a name that Cython lets no property have.
    (<object>(<PyTypeObject*>kind).tp_dict)["__name__"] = property(called)
    PyType_Modified(kind)


def called(_awaited):
    return "StreamStateRegistry.pull"
