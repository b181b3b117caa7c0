(** * A pull belongs to the stream on which it was called *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Pulls.
Import ListNotations.
Set Implicit Arguments.

Section Called.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation stream := (stream Chunk Err).
Notation reachable := (reachable len d lim).
Notation run := (run len d lim).
Notation history := (history len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).
Notation did := (did (Err := Err) len d lim).

(** The streams on which a program calls its pulls, in order, and that pull [p] was called on [n]:
    pulls are numbered from 1 as they are called. *)
Definition pulled (os : list op) : list nat :=
  flat_map (fun o => match o with Pull n => [n] | _ => [] end) os.
Definition pull_of os n p := nth_error (pulled os) (p - 1) = Some n.

Lemma pull_of_more os more n p : pull_of os n p -> pull_of (os ++ more) n p.
Proof.
  unfold pull_of, pulled. intros E. rewrite flat_map_app, nth_error_app1; [assumption|].
  apply nth_error_Some. congruence.
Qed.

Lemma pull_of_one os more m n p : pull_of os m p -> pull_of (os ++ more) n p -> m = n.
Proof. intros M N. apply (pull_of_more more) in M. unfold pull_of in *. congruence. Qed.

(** Programs that go on. *)
Lemma run_app (st : state) os more : run st (os ++ more) = run (run st os) more.
Proof. revert st. induction os; intros; cbn; auto. Qed.

Lemma split_one os (o : op) more : os ++ o :: more = (os ++ [o]) ++ more.
Proof. rewrite <- app_assoc. reflexivity. Qed.

Lemma run_reachable (os : list op) : reachable (run initial os).
Proof. induction os using rev_ind; [constructor|]. rewrite run_app. constructor. assumption. Qed.

Lemma created_stays (os more : list op) :
  next_stream (run initial os) <= next_stream (run initial (os ++ more)).
Proof.
  induction more as [|o more IH] using rev_ind; [rewrite app_nil_r; reflexivity|].
  rewrite app_assoc, run_app. cbn. rewrite next_stream_after. lia.
Qed.

Lemma history_split ef (st : state) os : In ef (history st os) ->
  exists before o behind, os = before ++ o :: behind /\ In ef (effects (run st before) o).
Proof.
  revert st. induction os as [|o os IH]; [intros ? []|]. intros st I. apply in_app_or in I.
  destruct I as [I|I]; [exists [], o, os; auto|].
  destruct (IH _ I) as (before & o' & behind & -> & I'). exists (o :: before), o', behind. auto.
Qed.

Lemma history_middle ef (st : state) before o behind : In ef (effects (run st before) o) ->
  In ef (history st (before ++ o :: behind)).
Proof.
  revert st. induction before as [|x before IH]; intros st I; cbn; apply in_or_app; auto.
Qed.

Lemma next_pull_run os : next_pull (run initial os) = S (length (pulled os)).
Proof.
  induction os as [|o os IH] using rev_ind; [reflexivity|]. unfold pulled in *.
  rewrite run_app, flat_map_app, app_length. cbn [Steps.run]. rewrite next_pull_after, IH.
  destruct o; cbn; lia.
Qed.

(** What the last op of a program does, put together. *)
Lemma step_run (os : list op) o : o <> Clear ->
  let st := run initial os in let st' := run initial (os ++ [o]) in
  exists n e sub hs r ret es out, target st o = (n, e, sub, hs) /\
    did n sub (find n (streams st)) e r ret (find n (streams st')) es out /\
    (forall m, m <> n -> find m (streams st') = find m (streams st)) /\
    held st' = hs ++ out /\ (forall h, In h hs -> In h (held st)) /\
    (n < next_stream st -> e <> CREATE) /\
    (forall ef p, In ef (effects st o) -> settled [ef] = [p] -> In ef es).
Proof.
  intros N st st'. unfold st'. rewrite run_app. fold st. cbn [Steps.run].
  pose proof (reachable_wellformed (run_reachable os)) as W.
  pose proof (step_did W N) as S. pose proof (target_held W N) as T.
  destruct W as (_ & _ & K & _). fold st in S, T, K.
  destruct (target st o) as [[[n e] sub] hs].
  destruct S as (ret & s' & es & out & D & -> & E), T as (T1 & T2 & T3 & _).
  exists n, e, sub, hs, (rule_of len d lim st o), ret, es, out. cbn [streams held].
  erewrite find_put by exact K. repeat split; auto.
  - intros m M. apply find_put_other. assumption.
  - intros C X. apply T1, T2 in X. lia.
  - intros ef p I S. rewrite E, !in_app_iff in I. destruct I as [I|[I|I]]; [|assumption|].
    + destruct o, ret; cbn in I; intuition (subst; discriminate).
    + unfold told_writers in I. destruct (_ && _); cbn in I; intuition (subst; discriminate).
Qed.

Lemma clear_run (os : list op) : let st' := run initial (os ++ [Clear]) in
  streams st' = [] /\ held st' = held (run initial os).
Proof. cbv zeta. rewrite run_app. destruct (run initial os). split; reflexivity. Qed.

Lemma clear_only_deletes (st : state) ef p : In ef (effects st Clear) -> settled [ef] = [p] ->
  ef = Rejected p Deleted.
Proof.
  destruct st as [ns np ss hs nq]. unfold Steps.effects. cbn [step snd]. rewrite in_flat_map.
  intros (ns' & _ & I) S. destruct (deletion_did len d lim ns') as (_ & _ & _ & es & E & D).
  rewrite E in I. apply in_app_or in I. destruct I as [I|I].
  - remember DELETE as e. destruct D; try discriminate; try contradiction.
    all: apply in_map_iff in I; destruct I as (x & <- & _); try discriminate S.
    injection S as ->. reflexivity.
  - unfold told_writers in I. destruct (_ && _); cbn in I; intuition (subst; discriminate).
Qed.

(** A pull that an event settles or leaves waiting was waiting, or is called by the event. *)
Lemma did_whose p n (sub : subject Chunk Err) s e r ret s' es hs : did n sub s e r ret s' es hs ->
  In p (settled es) \/ In p (pulls_at s') -> In p (pulls_at s) \/ In p (called e sub).
Proof. intros D. rewrite !count_only. pose proof (did_pulls (only p) D). lia. Qed.

Lemma target_called (os : list op) o n e sub hs p : target (run initial os) o = (n, e, sub, hs) ->
  In p (called e sub) -> pull_of (os ++ [o]) n p.
Proof.
  intros T I. destruct o; cbn in T.
  4: { injection T as <- <- <- <-. destruct I as [<-|[]]. unfold pull_of.
    replace (_ - 1) with (length (pulled os)) by (cbn [of_pull]; rewrite next_pull_run; lia).
    unfold pulled. rewrite flat_map_app, nth_error_app2, Nat.sub_diag; reflexivity. }
  all: try destruct (release _ _) as [[]|]; try destruct (waiter_of _ _) as [[]|];
    try destruct (pusher_of _ _) as [[]|]; injection T as <- <- <- <-; destruct I.
Qed.

Lemma target_cancels (st : state) o n sub hs : target st o = (n, CANCEL_HANDED, sub, hs) ->
  exists h, o = CancelPull (h_pull h) /\ In h (held st) /\ h_stream h = n /\
    h_place h = of_place sub /\ of_chunk sub = Some (h_chunk h).
Proof.
  intros T. destruct o; try discriminate; cbn in T;
    try (destruct (pusher_of _ _) as [[]|]; discriminate); destruct (release _ _) as [[h others]|] eqn:R;
    try discriminate; [|destruct (waiter_of _ _) as [[]|]; discriminate].
  injection T as <- <- <-. apply release_some in R. destruct R as (<- & I & _). eauto 10.
Qed.

Lemma waits_where_called os n p :
  In p (pulls_at (find n (streams (run initial os)))) -> pull_of os n p.
Proof.
  revert n. induction os as [|o os IH] using rev_ind; intros n I; [destruct I|].
  destruct (clear_or_not o) as [->|N].
  { destruct (clear_run os) as [Z _]. rewrite Z in I. destruct I. }
  destruct (step_run os N) as (m & e & sub & hs & r & ret & es & out & T & D & O & _).
  destruct (Nat.eq_dec n m) as [->|M]; [|apply pull_of_more, IH; rewrite <- O; assumption].
  destruct (did_whose p D (or_intror I)); [apply pull_of_more; auto|eapply target_called; eauto].
Qed.

(** Whatever settles a pull, but deletion, is done to the stream on which the pull was called. *)
Lemma settled_where_called os o more n p ef : In ef (effects (run initial os) o) ->
  settled [ef] = [p] -> ef <> Rejected p Deleted -> pull_of (os ++ o :: more) n p ->
  let st := run initial os in
  exists e sub r ret es out, did n sub (find n (streams st)) e r ret
      (find n (streams (run initial (os ++ [o])))) es out /\
    In ef es /\ (n < next_stream st -> e <> CREATE).
Proof.
  intros I S G P. destruct (clear_or_not o) as [->|N].
  { destruct G. exact (clear_only_deletes _ _ I S). }
  destruct (step_run os N) as (m & e & sub & hs & r & ret & es & out & T & D & _ & _ & _ & C & F).
  specialize (F _ _ I S). assert (m = n) as ->; [|exists e, sub, r, ret, es, out; auto].
  rewrite split_one in P. eapply pull_of_one; [|exact P].
  assert (Q : In p (settled es)).
  { apply in_flat_map. exists ef. split; [assumption|]. cbn in S. rewrite app_nil_r in S.
    rewrite S. left. reflexivity. }
  destruct (did_whose p D (or_introl Q)) as [Y|Y]; [|eapply target_called; eassumption].
  apply pull_of_more, waits_where_called, Y.
Qed.

Lemma did_brings n sub s e r ret s' es hs p c : did n sub s e r ret s' es hs ->
  In (Resolved p (Brought c)) es -> exists place, In (Handed p n place c) hs.
Proof.
  intros D I. destruct D; cbn in I; try contradiction.
  all: try match goal with T : told_at_once _ _ _ _ |- _ => destruct I as [->|[]]; inversion T end.
  all: try match goal with T : pushed_aside _ _ _ |- _ => destruct I as [->|[]]; inversion T end.
  all: try (destruct I as [[= -> ->]|[]]; eexists; left; reflexivity).
  all: destruct I as [I|I]; [try discriminate|].
  all: try (injection I as -> ->; eexists; left; reflexivity).
  all: (apply in_map_iff in I; destruct I as (x & I & _); discriminate) || (destruct I as [I|[]]; discriminate).
Qed.

Lemma did_hands n sub (s : option stream) e r ret s' es hs h : did n sub s e r ret s' es hs ->
  In h hs -> h_stream h = n.
Proof. intros D I. destruct D; try contradiction; destruct I as [<-|[]]; reflexivity. Qed.

(** A chunk that a pull brings is handed out by the stream on which the pull was called. *)
Lemma brought_where_called os more n p c : pull_of (os ++ more) n p ->
  In (Resolved p (Brought c)) (history (run initial os) more) -> n < next_stream (run initial os) ->
  exists before o behind, more = before ++ o :: behind /\
    In (Resolved p (Brought c)) (effects (run initial (os ++ before)) o) /\
    exists e sub r ret s' es out place, e <> CREATE /\ In (Handed p n place c) out /\
      did n sub (find n (streams (run initial (os ++ before)))) e r ret s' es out.
Proof.
  intros P B C. destruct (history_split _ _ _ B) as (before & o & behind & -> & I).
  rewrite <- run_app in I. rewrite app_assoc in P. pose proof (created_stays os before).
  destruct (settled_where_called _ _ _ I eq_refl ltac:(discriminate) P)
    as (e & sub & r & ret & es & out & D & F & E).
  destruct (did_brings _ _ D F) as [place H']. exists before, o, behind. repeat split; auto.
  exists e, sub, r, ret, (find n (streams (run initial ((os ++ before) ++ [o])))), es, out, place.
  repeat split; auto. apply E. lia.
Qed.

End Called.
