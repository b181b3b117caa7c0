(** * Extraction: the same definitions as an OCaml program

    Numbers become machine integers and lists, options, pairs and booleans the OCaml ones: that,
    and OCaml itself, is all that the extracted program adds to the definitions. *)

From Coq Require Import Extraction ExtrOcamlBasic ExtrOcamlNatInt.
From Streamstate Require Import Streamstate.

Extraction "registry.ml" delta step initial size view_of control_of is_blocking lets_wait.
