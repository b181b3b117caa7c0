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

Notation effect := (effect Chunk Err).
Notation reachable := (reachable len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).

(** The stream that an op is about: for the cancel or look of a pull, the stream of that pull; for
    a create, the new one. Clear is about all of them. *)
Definition about_stream (st : state Chunk Err) o := fst (fst (fst (target st o))).

(** Theorem 2. An op changes no stream but the one that it is about. *)
Theorem others_are_left_alone st o m : reachable st -> o <> Clear -> m <> about_stream st o ->
  find m (streams (after st o)) = find m (streams st).
Proof.
  intros R N M. pose proof (step_did (reachable_wellformed R) N) as S.
  unfold about_stream in M. destruct (target st o) as [[[n e] sub] hs].
  destruct S as (ret & s' & es & out & _ & A & _). rewrite A. cbn in *.
  apply find_put_other. assumption.
Qed.

(** The chunks that pulls of other streams than [n] hold, in the order of handing. *)
Definition held_elsewhere n (hs : list (handed Chunk)) :=
  filter (fun h => negb (h_stream h =? n)) hs.

Lemma held_elsewhere_nothing n hs : (forall h, In h hs -> h_stream h = n) -> held_elsewhere n hs = [].
Proof.
  induction hs as [|h hs IH]; intros A; cbn; [reflexivity|].
  rewrite (A h (or_introl eq_refl)), Nat.eqb_refl. apply IH. intros x I. apply A. right. exact I.
Qed.

Lemma released_elsewhere p hs h others : release p hs = Some (h, others) ->
  held_elsewhere (h_stream h) hs = held_elsewhere (h_stream h) others.
Proof.
  unfold held_elsewhere. revert others. induction hs as [|x hs IH]; cbn; [discriminate|].
  destruct (h_pull x =? p).
  - intros others [= <- <-]. rewrite Nat.eqb_refl. reflexivity.
  - destruct (release p hs) as [[y rest]|]; [|discriminate].
    intros others [= <- <-]. cbn. rewrite (IH _ eq_refl). reflexivity.
Qed.

Lemma target_elsewhere (st : state Chunk Err) o : let '(n, e, sub, hs) := target st o in
  held_elsewhere n hs = held_elsewhere n (held st).
Proof.
  destruct o; cbn; try reflexivity.
  - destruct (release p (held st)) as [[h others]|] eqn:R.
    + symmetry. eapply released_elsewhere; exact R.
    + destruct (waiter_of p (streams st)) as [[]|]; reflexivity.
  - destruct (release p (held st)) as [[h others]|] eqn:R; [|reflexivity].
    symmetry. eapply released_elsewhere; exact R.
  - destruct (pusher_of p (streams st)) as [[]|]; reflexivity.
Qed.

Lemma did_hands_its_own n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs -> forall h, In h hs -> h_stream h = n.
Proof. intros D h I. destruct D; (destruct I as [<-|[]] || destruct I); reflexivity. Qed.

(** Theorem 2, for chunks that were handed out. The chunks that pulls of other streams hold stay
    as they are and in their order, and clear leaves every one where it is. *)
Theorem held_chunks_are_left_alone st o : reachable st ->
  held_elsewhere (about_stream st o) (held (after st o))
    = held_elsewhere (about_stream st o) (held st)
  /\ (o = Clear -> held (after st o) = held st).
Proof.
  intros R. destruct (clear_or_not o) as [->|N]; [destruct st; split; reflexivity|].
  split; [|congruence]. pose proof (step_did (reachable_wellformed R) N) as S.
  pose proof (target_elsewhere st o) as T. unfold about_stream.
  destruct (target st o) as [[[n e] sub] hs]. destruct S as (ret & s' & es & out & D & A & _).
  rewrite A. cbn [fst held]. unfold held_elsewhere at 1. rewrite filter_app.
  fold (held_elsewhere n hs). fold (held_elsewhere n out).
  rewrite (held_elsewhere_nothing _ (did_hands_its_own D)), app_nil_r. exact T.
Qed.

(** The pushes that wait on a stream. *)
Definition pushes_of (s : stream Chunk Err) := map fst (offers_of (Some s)).

(** An effect that has to do with the op and its one stream only: the pull that it settles or
    abandons is called by the op or waited there, the push that it settles waited there, and the
    writers that it tells are that stream's. *)
Definition stays_within st o (ef : effect) : Prop :=
  match ef with
  | Returned _ => True
  | Resolved p _ | Rejected p _ | Abandoned p =>
      o = Pull (about_stream st o) /\ p = next_pull st
      \/ exists s, find (about_stream st o) (streams st) = Some s /\ In p (pulls_of s)
  | Accepted p | TurnedAway p _ =>
      exists s, find (about_stream st o) (streams st) = Some s /\ In p (pushes_of s)
  | Unblocked n => n = about_stream st o
  end.

(** The same as one stream sees it, before the word to writers. *)
Definition within (s : option (stream Chunk Err)) e (sub : subject Chunk Err) (ef : effect) : Prop :=
  match ef with
  | Resolved p _ | Rejected p _ | Abandoned p =>
      e = PULL /\ p = of_pull sub \/ exists x, s = Some x /\ In p (pulls_of x)
  | Accepted p | TurnedAway p _ => exists x, s = Some x /\ In p (pushes_of x)
  | _ => False
  end.

Lemma within_all a p ps e sub (f : nat -> effect) ef :
  (forall q, In q (p :: ps) -> within (Some (Waiting a p ps)) e sub (f q)) ->
  In ef (map f (p :: ps)) -> within (Some (Waiting a p ps)) e sub ef.
Proof. intros F I. apply in_map_iff in I. destruct I as (q & <- & I). auto. Qed.

Lemma turned_away_within b a q o os e sub (f : nat * Chunk -> effect) ef :
  (forall x, In x (o :: os) -> within (Some (PushesWaiting b a q o os)) e sub (f x)) ->
  In ef (map f (o :: os)) -> within (Some (PushesWaiting b a q o os)) e sub ef.
Proof. intros F I. apply in_map_iff in I. destruct I as (x & <- & I). auto. Qed.

Lemma did_within n sub (s : option (stream Chunk Err)) e r ret s' es hs ef :
  did len d lim n sub s e r ret s' es hs -> In ef es -> within s e sub ef.
Proof.
  assert (A : forall a p ps q, In q (p :: ps) ->
    exists x, Some (Waiting a p ps) = Some x /\ In q (pulls_of (x : stream Chunk Err))) by eauto.
  assert (B : forall b a q o os x, In x (o :: os) ->
    exists y, Some (PushesWaiting b a q o os) = Some y /\ In (fst x) (pushes_of y)).
  { intros b a q o os x X. eexists. split; [reflexivity|]. unfold pushes_of. cbn [offers_of].
    apply (in_map fst). exact X. }
  intros D I. destruct D;
    try (eapply within_all; [|exact I]; intros q Q; right; apply A, Q);
    try (eapply turned_away_within; [|exact I]; intros x X; apply B, X);
    try (destruct I as [<-|I]; [left; split; reflexivity|]; apply in_map_iff in I;
      destruct I as (x & <- & X); apply B;
      match goal with M : admitting _ _ _ _ = _ |- _ => destruct (admit_spec _ _ _ _ M) as (-> & _) end;
      apply in_or_app; left; exact X);
    try (destruct I as [<-|[<-|[]]]; [left; split; reflexivity|apply B; left; reflexivity]);
    (destruct I as [<-|[]] || destruct I);
    try match goal with T : told_at_once _ _ _ _ |- _ => destruct T end;
    try match goal with T : pushed_aside _ _ _ |- _ => destruct T end;
    (left; split; reflexivity) || (right; apply A; left; reflexivity).
Qed.

(** Theorem 2, for effects. Whatever an op resolves, rejects or abandons is the pull that it calls
    or one that waited on its own stream, whatever it accepts or turns away is a push that waited
    there, and it tells no writers but those of its own stream. *)
Theorem effects_stay_within st o ef : reachable st -> o <> Clear -> In ef (effects st o) ->
  stays_within st o ef.
Proof.
  intros R N. pose proof (step_did (reachable_wellformed R) N) as S.
  pose proof (target_held (reachable_wellformed R) N) as T. unfold stays_within, about_stream.
  assert (P : snd (fst (fst (target st o))) = PULL -> o = Pull (fst (fst (fst (target st o))))).
  { destruct o; cbn; try discriminate; try reflexivity.
    - destruct (release p (held st)) as [[]|]; [discriminate|].
      destruct (waiter_of p (streams st)) as [[]|]; discriminate.
    - destruct (release p (held st)) as [[]|]; discriminate.
    - destruct (pusher_of p (streams st)) as [[]|]; discriminate. }
  destruct (target st o) as [[[n e] sub] hs]. destruct S as (ret & s' & es & out & D & _ & E).
  destruct T as (_ & _ & _ & T & _). cbn [fst snd] in *. rewrite E. intros I.
  apply in_app_or in I. destruct I as [I|I]; [|apply in_app_or in I; destruct I as [I|I]].
  - destruct o, ret; cbn in I; destruct I as [<-|[]] || destruct I; exact Logic.I.
  - pose proof (did_within ef D I) as X.
    destruct ef; cbn in X; try contradiction; try exact X; (destruct X as [[-> ->]|X]; [left|right; exact X]);
      (split; [exact (P eq_refl)|apply T; reflexivity]).
  - unfold told_writers in I. destruct (_ && _); [|destruct I].
    destruct I as [<-|[]]. reflexivity.
Qed.

End Isolation.
