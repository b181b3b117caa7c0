(** * How much is queued *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Wellformed.
Import ListNotations.
Set Implicit Arguments.

Section Bounds.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation bytes cs := (list_sum (map len cs)).

(** Of what was never taken: no more than the limits allow, but for the newest chunk's length. *)
Definition bounded (q : queue Chunk) : Prop :=
  length (fresh q) <= max_queue_chunks lim /\ bytes (removelast (fresh q)) < high_water_mark lim.

Definition bounded_at (s : option (stream Chunk Err)) : Prop :=
  match s with Some (Idle _ _ q) => bounded q | _ => True end.

Lemma bounded_nothing : bounded no_chunks.
Proof. pose proof (some_bytes lim). pose proof (some_chunks lim). split; cbn; lia. Qed.

Lemma not_full q : level_of lim (length (chunks q)) (size len q) <> Full ->
  length (chunks q) < max_queue_chunks lim /\ size len q < high_water_mark lim.
Proof.
  unfold level_of. destruct (Nat.eqb_spec (length (chunks q)) 0) as [E|E].
  - intros _. destruct q as [[|] [|]]; try discriminate E.
    pose proof (some_bytes lim). pose proof (some_chunks lim). cbn. lia.
  - destruct (Nat.leb_spec (high_water_mark lim) (size len q));
      destruct (Nat.leb_spec (max_queue_chunks lim) (length (chunks q))); cbn; intros; try congruence.
    split; assumption.
Qed.

Lemma bounded_oldest a q g q' : bounded q -> oldest a q = Some (g, q') -> bounded q'.
Proof.
  destruct q as [[|x gs] [|f [|f' fs]]]; unfold bounded; cbn -[removelast]; intros B H;
    inversion H; subst; cbn -[removelast]; try assumption.
  - pose proof (some_bytes lim). cbn in *. lia.
  - destruct B as [B1 B2]. split; [lia|]. cbn [removelast map list_sum fold_right] in *. unfold list_sum in *.
    cbn [map fold_right] in B2. lia.
Qed.

Lemma did_bounded n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs ->
  push_when_full d = RefusePush -> bounded_at s -> bounded_at s'.
Proof.
  intros D P B. destruct D; cbn [bounded_at] in *; try assumption; try exact bounded_nothing; try exact I.
  all: try (unfold line; match goal with |- context [match ?l with _ => _ end] => destruct l end;
    first [exact I|exact bounded_nothing]).
  - destruct (not_full q) as [C S]; [intros F; specialize (H1 F); congruence|].
    unfold bounded, size, chunks in *. cbn [fresh]. rewrite removelast_last, app_length in *.
    rewrite map_app, sum_app in S. cbn [length]. lia.
  - eapply bounded_oldest; eauto.
Qed.

(** Theorem 7. Where a full queue refuses, what was pushed and never taken is at most
    [max_queue_chunks] chunks, and all but the newest are fewer than [high_water_mark] bytes,
    whatever the producer does. (Besides that a queue holds only what cancelled pulls gave back.) *)
Theorem refusing_bounds_the_queue (st : state Chunk Err) n a status q : push_when_full d = RefusePush ->
  reachable len d lim st -> find n (streams st) = Some (Idle a status q) -> bounded q.
Proof.
  intros P R.
  enough (G : forall m, bounded_at (find m (streams st))) by (intros F; specialize (G n); rewrite F in G; exact G).
  induction R as [|st o R IH]; [intros m; exact I|].
  destruct (clear_or_not o) as [->|N]; [destruct st; intros m; exact I|].
  pose proof (reachable_wellformed R) as W. pose proof (step_did len lim W N) as S.
  destruct W as (_ & _ & K & _). destruct (target st o) as [[[k e] sub] hs].
  destruct S as (ret & s' & es & out & D & A & _). rewrite A. cbn [streams]. intros m.
  destruct (Nat.eq_dec m k) as [->|M].
  - erewrite find_put by exact K. eapply did_bounded; [exact D|exact P|apply IH].
  - rewrite find_put_other by assumption. apply IH.
Qed.

End Bounds.
