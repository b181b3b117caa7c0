(** * Writers that wait are told when they may go on, and only then *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Wellformed.
Import ListNotations.
Set Implicit Arguments.

Section Unblocking.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation reachable := (reachable len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).

(** Whether stream [n] is blocked: open, not errored and full. *)
Definition is_blocked (st : state Chunk Err) n := blocked len lim (find n (streams st)).

Lemma did_tells_nobody n sub (s : option (stream Chunk Err)) e r ret s' es hs m :
  did len d lim n sub s e r ret s' es hs -> ~ In (Unblocked m) es.
Proof.
  assert (A : forall f : nat -> effect Chunk Err, (forall p, f p <> Unblocked m) ->
    forall ps, ~ In (Unblocked m) (map f ps)).
  { intros f F ps I. apply in_map_iff in I. destruct I as (p & E & _). exact (F p E). }
  intros D; destruct D;
    match goal with
    | |- context [map] => apply A; discriminate
    | |- ~ In _ [] => intros []
    | T : told_at_once _ _ _ _ |- _ => destruct T; intros [|[]]; discriminate
    | T : pushed_aside _ _ _ |- _ => destruct T; intros [|[]]; discriminate
    | _ => intros [|[]]; discriminate
    end.
Qed.

Lemma told_in m n (s s' : option (stream Chunk Err)) : In (Unblocked m) (told_writers len lim n s s') <->
  m = n /\ blocked len lim s = true /\ blocked len lim s' = false.
Proof.
  unfold told_writers. destruct (blocked len lim s), (blocked len lim s'); cbn; intuition congruence.
Qed.

Lemma returned_tells_nobody st o b m : ~ In (Unblocked m) (returned len st o b : list (effect Chunk Err)).
Proof. destruct o, b; cbn; intuition discriminate. Qed.

Lemma delete_gone n sub (s : stream Chunk Err) r ret s' es hs :
  did len d lim n sub (Some s) DELETE r ret s' es hs -> s' = None /\ hs = [] /\ ret = None.
Proof.
  intros D. remember (Some s) as x. remember DELETE as e.
  destruct D; subst; cbn in *; try discriminate; auto.
Qed.

Lemma deletion_did (ns : nat * stream Chunk Err) :
  let r := react len d lim (fst ns) (Some (snd ns)) DELETE about in
  r_stream r = None /\ r_handed r = [] /\ r_returned r = None /\
  exists es, deletion len d lim ns = es ++ told_writers len lim (fst ns) (Some (snd ns)) None /\
    did len d lim (fst ns) about (Some (snd ns)) DELETE (r_rule r) None None es [].
Proof.
  intros r. unfold deletion. fold r.
  destruct (react_did len d lim (fst ns) (Some (snd ns)) DELETE about I) as (es & E & D).
  fold r in E, D. destruct (delete_gone D) as (S & H & T). rewrite S, H, T in *. eauto 10.
Qed.

(** Theorem 9. Writers on a stream are told exactly when it was blocked before the op and is not
    after it, deletion included. *)
Theorem told_exactly_when_unblocked st o m : reachable st ->
  In (Unblocked m) (effects st o) <-> is_blocked st m = true /\ is_blocked (after st o) m = false.
Proof.
  intros R. pose proof (reachable_wellformed R) as W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs]. destruct W as (_ & _ & K & _). unfold is_blocked, Steps.effects. cbn.
    rewrite in_flat_map. cbn in K. split.
    + intros ([n s] & I & T). destruct (deletion_did (n, s)) as (_ & _ & _ & es & E & D).
      rewrite E in T. apply in_app_or in T. destruct T as [T|T].
      * destruct (did_tells_nobody m D T).
      * apply told_in in T. destruct T as (-> & B & _). cbn in *.
        erewrite in_find by (exact K || exact I). auto.
    + intros [B _]. destruct (find m ss) as [s|] eqn:F; [|discriminate].
      exists (m, s). split; [apply find_in; assumption|].
      destruct (deletion_did (m, s)) as (_ & _ & _ & es & -> & _).
      apply in_or_app. right. apply told_in. auto.
  - pose proof (step_did len lim W N) as S. destruct W as (_ & _ & K & _).
    destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & A & E). unfold is_blocked. rewrite E, A.
    cbn [streams]. rewrite !in_app_iff, told_in.
    pose proof (did_tells_nobody m D). pose proof (returned_tells_nobody st o ret m).
    destruct (Nat.eq_dec m n) as [->|M].
    + erewrite find_put by exact K. tauto.
    + rewrite find_put_other by assumption. intuition congruence.
Qed.

(** The streams whose writers are told, each as often as they are. *)
Definition told (es : list (effect Chunk Err)) : list nat :=
  flat_map (fun e => match e with Unblocked n => [n] | _ => [] end) es.

Lemma told_app xs ys : told (xs ++ ys) = told xs ++ told ys.
Proof. apply flat_map_app. Qed.

Lemma told_nobody es : (forall m, ~ In (Unblocked m) es) -> told es = [].
Proof.
  induction es as [|e es IH]; [reflexivity|]. intros N.
  change (e :: es) with ([e] ++ es). rewrite told_app, IH.
  - destruct e; try reflexivity. destruct (N n). left. reflexivity.
  - intros m I. apply (N m). right. exact I.
Qed.

(** What one event on stream [n] does tells its writers alone, and at most once. *)
Lemma told_by_event n (s s' : option (stream Chunk Err)) es : (forall m, ~ In (Unblocked m) es) ->
  told (es ++ told_writers len lim n s s') = [] \/ told (es ++ told_writers len lim n s s') = [n].
Proof.
  intros N. rewrite told_app, told_nobody by assumption. unfold told_writers.
  destruct (_ && _); auto.
Qed.

Lemma clear_tells_each_once (ss : list (nat * stream Chunk Err)) lo hi : rising lo hi (keys ss) ->
  NoDup (told (flat_map (deletion len d lim) ss)) /\
  forall m, In m (told (flat_map (deletion len d lim) ss)) -> lo <= m.
Proof.
  revert lo. induction ss as [|[n s] ss IH]; intros lo R; [split; [constructor|intros ? []]|].
  destruct R as [L R], (IH _ R) as [U B]. cbn [flat_map]. rewrite told_app.
  destruct (deletion_did (n, s)) as (_ & _ & _ & es & -> & D).
  destruct (@told_by_event n (Some s) None es) as [T|T].
  { intros m. exact (did_tells_nobody m D). }
  all: cbn [fst snd] in *; rewrite T; cbn [app].
  - split; [exact U|]. intros m I. apply B in I. lia.
  - split; [constructor; [|exact U]|].
    + intros I. apply B in I. lia.
    + intros m [->|I]; [lia|]. apply B in I. lia.
Qed.

(** Theorem 9, how often. An op tells the writers on a stream at most once, clear included: exactly
    once, then, when it unblocks their stream. *)
Theorem told_once st o : reachable st -> NoDup (told (effects st o)).
Proof.
  intros R. pose proof (reachable_wellformed R) as W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs], W as (_ & _ & K & _).
    exact (proj1 (clear_tells_each_once _ _ _ K)).
  - pose proof (step_did len lim W N) as S. destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & _ & ->). rewrite told_app, told_nobody.
    + destruct (@told_by_event n (find n (streams st)) s' es) as [-> | ->];
        [intros m; exact (did_tells_nobody m D)|constructor|repeat constructor; intros []].
    + intros m. apply returned_tells_nobody.
Qed.

End Unblocking.
