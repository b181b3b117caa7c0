cpdef int measured(
    long long high_water_mark, long long max_queue_chunks, long long chunks, long long size
) noexcept
