cpdef object stream_id(object value)
cpdef bytes chunk_of(object value)
cpdef str text_of(object value)
