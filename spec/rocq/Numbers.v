(** * Numbers are never used again, and clear is made of deletes *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Unblocking.
Import ListNotations.
Set Implicit Arguments.

Section Numbers.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation run := (run len d lim).
Notation history := (history len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).

(** How many of the ops are creates. *)
Definition creates (os : list op) := list_sum (map (@new_streams Chunk Err) os).

(** The numbers that were returned, in order. *)
Definition numbers (es : list (effect Chunk Err)) : list nat :=
  flat_map (fun e => match e with Returned (Number n) => [n] | _ => [] end) es.

Lemma next_stream_after (st : state Chunk Err) o : next_stream (after st o) = new_streams o + next_stream st.
Proof.
  destruct (clear_or_not o) as [->|N]; [destruct st; reflexivity|].
  pose proof (step_target len d lim st N) as S. destruct (target st o) as [[[n e] sub] hs].
  unfold Steps.after. rewrite S. reflexivity.
Qed.

Lemma did_returns_nothing n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs -> numbers es = [].
Proof.
  assert (A : forall X (f : X -> effect Chunk Err), (forall p n, f p <> Returned (Number n)) ->
    forall ps, numbers (map f ps) = []).
  { intros X f F ps. induction ps as [|p ps IH]; [reflexivity|]. cbn. unfold numbers in IH.
    rewrite IH. specialize (F p). destruct (f p) as [[]| | | | | |]; try reflexivity.
    destruct (F n0 eq_refl). }
  intros D; destruct D; try reflexivity;
    try (apply A; discriminate);
    match goal with
    | |- context [Accepted] => cbn [numbers flat_map app]; apply (A _ (fun o => Accepted (fst o))); discriminate
    | T : told_at_once _ _ _ _ |- _ => destruct T; reflexivity
    | T : pushed_aside _ _ _ |- _ => destruct T; reflexivity
    end.
Qed.

Lemma told_numbers n (s s' : option (stream Chunk Err)) : numbers (told_writers len lim n s s') = [].
Proof. unfold told_writers. destruct (_ && _); reflexivity. Qed.

Lemma numbers_app xs ys : numbers (xs ++ ys) = numbers xs ++ numbers ys.
Proof. apply flat_map_app. Qed.

Lemma numbers_of_step st o : wellformed len d lim st ->
  numbers (effects st o) = seq (next_stream st) (new_streams o).
Proof.
  intros W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs nq]. cbn. clear W. unfold Steps.effects. cbn.
    induction ss as [|x ss IH]; [reflexivity|]. cbn [flat_map].
    destruct (deletion_did len d lim x) as (_ & _ & _ & es & E & D).
    rewrite E, !numbers_app, (did_returns_nothing D), told_numbers. exact IH.
  - pose proof (step_did W N) as S. destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & _ & E).
    rewrite E, !numbers_app, (did_returns_nothing D), told_numbers.
    destruct o, ret; reflexivity.
Qed.

(** Theorem 5a. The creates of a program return 1, 2, 3 ..., whatever was deleted or cleared
    between: no number comes twice. *)
Theorem creates_count_from_one os : numbers (history initial os) = seq 1 (creates os).
Proof.
  enough (G : forall st, reachable len d lim st ->
    numbers (history st os) = seq (next_stream st) (creates os)) by (apply G; constructor).
  induction os as [|o os IH]; intros st R; [reflexivity|].
  cbn [history creates]. rewrite numbers_app, numbers_of_step by (apply reachable_wellformed with (1 := R)).
  rewrite IH by (constructor; assumption). rewrite next_stream_after.
  unfold creates. cbn. rewrite seq_app. f_equal. f_equal. lia.
Qed.

(** Theorem 5b. Clear does what deletes of every stream do, in the order of creation: the same
    effects in the same order, and the same state, so that numbering goes on. *)
Theorem clear_is_made_of_deletes st :
  let deletes := map (@Delete Chunk Err) (keys (streams st)) in
  run st deletes = after st Clear /\ history st deletes = effects st Clear.
Proof.
  destruct st as [ns np ss hs nq]. cbn [streams]. unfold Steps.after, Steps.effects. cbn [step fst snd].
  induction ss as [|[n s] ss IH]; [split; reflexivity|]. cbn [map run history flat_map fst].
  assert (A : after (State ns np ((n, s) :: ss) hs nq) (Delete n) = State ns np ss hs nq
    /\ effects (State ns np ((n, s) :: ss) hs nq) (Delete n) = deletion len d lim (n, s)).
  { unfold Steps.after, Steps.effects. cbn [step on_stream streams find put fst snd held next_stream next_pull].
    rewrite Nat.eqb_refl. destruct (deletion_did len d lim (n, s)) as (S & H & T & _).
    cbn [fst snd] in *. rewrite S, H, T, app_nil_r. split; reflexivity. }
  destruct A as [-> ->]. destruct IH as [-> ->]. split; reflexivity.
Qed.

End Numbers.
