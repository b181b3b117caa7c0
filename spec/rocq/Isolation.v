(** * An op on one stream leaves the others alone *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Wellformed.
Import ListNotations.
Set Implicit Arguments.

Section Isolation.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation reachable := (reachable len d lim).
Notation after := (after len d lim).

(** The stream that an op is about: for the cancel or look of a pull, the stream of that pull; for
    a create, the new one. Clear is about all of them. *)
Definition about_stream (st : state Chunk Err) o := fst (fst (fst (target st o))).

(** Theorem 2. An op changes no stream but the one that it is about. *)
Theorem others_are_left_alone st o m : reachable st -> o <> Clear -> m <> about_stream st o ->
  find m (streams (after st o)) = find m (streams st).
Proof.
  intros R N M. pose proof (step_did len lim (reachable_wellformed R) N) as S.
  unfold about_stream in M. destruct (target st o) as [[[n e] sub] hs].
  destruct S as (ret & s' & es & out & _ & A & _). rewrite A. cbn in *.
  apply find_put_other. assumption.
Qed.

End Isolation.
