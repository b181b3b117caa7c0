from streamstate.registry.record cimport Record, Writer
