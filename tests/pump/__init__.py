"""`pump` and `pour`: all of it, in order, told to both sides however it ends, nothing polls."""
