(** * A pull that waits is settled by what happens next to its stream *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Numbers.
Import ListNotations.
Set Implicit Arguments.

Section Progress.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation effects := (effects len d lim).
Notation state := (state Chunk Err).

Definition waits_at (st : state) n p ps := exists a, find n (streams st) = Some (Waiting a p ps).

(** Theorem 8a. The oldest pull that waits gets the next chunk that is pushed. *)
Theorem push_settles_the_oldest st n p ps c : waits_at st n p ps ->
  effects st (Push n c) = [Returned (Truth true); Resolved p (Brought c)].
Proof.
  destruct st as [ns np ss hs nq]. intros [a F]. cbn in F. unfold Steps.effects.
  cbn [step on_stream streams snd]. rewrite F. reflexivity.
Qed.

(** Theorem 8b. Every pull that waits is done when its stream is closed, oldest first. *)
Theorem close_settles_all st n p ps : waits_at st n p ps ->
  effects st (Close n) = map (fun q => Resolved q Done) (p :: ps).
Proof.
  destruct st as [ns np ss hs nq]. intros [a F]. cbn in F. unfold Steps.effects.
  cbn [step on_stream streams snd]. rewrite F. reflexivity.
Qed.

(** Theorem 8c. Every pull that waits is rejected with the error when its stream errors. *)
Theorem error_settles_all st n p ps v : waits_at st n p ps ->
  effects st (Error n v) = map (fun q => Rejected q (Errored v)) (p :: ps).
Proof.
  destruct st as [ns np ss hs nq]. intros [a F]. cbn in F. unfold Steps.effects.
  cbn [step on_stream streams snd]. rewrite F. reflexivity.
Qed.

(** Theorem 8d. Every pull that waits is rejected as deleted when its stream is deleted. *)
Theorem delete_settles_all st n p ps : waits_at st n p ps ->
  effects st (Delete n) = map (fun q => Rejected q Deleted) (p :: ps).
Proof.
  destruct st as [ns np ss hs nq]. intros [a F]. cbn in F. unfold Steps.effects.
  cbn [step on_stream streams snd]. rewrite F. reflexivity.
Qed.

(** Theorem 8e. Clear rejects every pull that waits anywhere, and nothing is left that could. *)
Theorem clear_settles_all st n p ps q : waits_at st n p ps -> In q (p :: ps) ->
  In (Rejected q Deleted) (effects st Clear) /\ streams (after len d lim st Clear) = [].
Proof.
  destruct st as [ns np ss hs nq]. intros [a F] I. cbn in F. split; [|reflexivity].
  unfold Steps.effects. cbn [step snd]. apply in_flat_map. exists (n, Waiting a p ps).
  split; [apply find_in; exact F|]. cbn.
  apply (in_map (fun q => Rejected q Deleted : effect Chunk Err)) in I. exact I.
Qed.

End Progress.
