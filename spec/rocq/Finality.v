(** * Nothing comes after the end, but what is given back *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Called.
Import ListNotations.
Set Implicit Arguments.

Section Finality.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation stream := (stream Chunk Err).
Notation run := (run (Err := Err) len d lim).
Notation history := (history (Err := Err) len d lim).
Notation after := (after (Err := Err) len d lim).
Notation effects := (effects (Err := Err) len d lim).
Notation did := (did (Err := Err) len d lim).

(** Pull [p] is done, or rejected for the error of its stream. *)
Definition ends p (ef : effect) := ef = Resolved p Done \/ exists v, ef = Rejected p (Errored v).

Lemma ends_settles p ef : ends p ef -> settled [ef] = [p] /\ ef <> Rejected p Deleted.
Proof. intros [->|[v ->]]; split; (reflexivity || discriminate). Qed.

(** A stream at its end, on which nothing is to be had but what [ok] says, place and chunk. *)
Definition only (ok : nat -> Chunk -> Prop) q :=
  fresh q = [] /\ forall place c, In (place, c) (given_back q) -> ok place c.
Definition over ok (s : option stream) :=
  match s with
  | None => True
  | Some (Idle _ Closed q) => only ok q
  | Some (Idle _ (Failed _ _) q) => errored_backlog d <> drain \/ only ok q
  | _ => False
  end.

(** A stream that is errored or gone. *)
Definition dead (s : option stream) :=
  match s with None | Some (Idle _ (Failed _ _) _) => True | _ => False end.

Lemma did_end p ef n sub s e r ret s' es hs : did n sub s e r ret s' es hs -> In ef es ->
  ends p ef -> (forall ok, over ok s') /\ (ef <> Resolved p Done -> s <> None /\ dead s').
Proof.
  assert (Z : forall ok, only ok no_chunks) by (split; [reflexivity|intros ? ? []]).
  intros D I [->|[v ->]]; destruct D; cbn in I.
  all: try match goal with T : told_at_once _ _ _ _ |- _ =>
    destruct I as [->|[]]; inversion T; subst end.
  all: try match goal with T : pushed_aside _ _ _ |- _ => destruct I as [->|[]]; inversion T end.
  all: try solve [destruct I as [I|[]]; discriminate]; try contradiction.
  all: try solve [destruct I as [I|I]; [discriminate|];
    apply in_map_iff in I; destruct I as (x & I & _); discriminate].
  all: cbn; intuition (subst; auto; congruence).
Qed.

Lemma in_insert (g h : nat * Chunk) gs : In h (insert g gs) -> g = h \/ In h gs.
Proof.
  induction gs as [|x gs IH]; cbn -[Nat.ltb]; [|destruct (fst x <? fst g); cbn]; intuition.
Qed.

Lemma oldest_only ok a q place c q' : only ok q -> oldest a q = Some (place, c, q') ->
  ok place c /\ only ok q'.
Proof.
  destruct q as [[|g gs] fs]; intros [F G]; cbn in F; subst; cbn; intros H; inversion H; subst.
  split; [apply G; left; reflexivity|split; [reflexivity|]]. intros. apply G. right. assumption.
Qed.

Lemma over_more (ok more : nat -> Chunk -> Prop) s : (forall place c, ok place c -> more place c) ->
  over ok s -> over more s.
Proof. destruct s as [[|a [| |] q|]|]; cbn; try tauto; unfold only; intuition. Qed.

(** What is over stays so, and hands out only what was given back. *)
Lemma did_over (ok more : nat -> Chunk -> Prop) n sub s e r ret s' es hs :
  did n sub s e r ret s' es hs -> e <> CREATE -> over ok s ->
  (forall place c, ok place c -> more place c) ->
  (forall c, e = CANCEL_HANDED -> of_chunk sub = Some c -> more (of_place sub) c) ->
  over more s' /\ forall h, In h hs -> ok (h_place h) (h_chunk h).
Proof.
  intros D E O M C. pose proof (fun s => over_more ok more s M) as L.
  destruct D; try (destruct os; contradiction O); cbn in O; try contradiction.
  all: try (split; [|solve [intros ? []]]); try solve [apply L; exact O | exact I]; cbn [over].
  - assert (Q : only ok q) by (destruct st; intuition congruence).
    destruct (oldest_only _ Q H) as [P Q']. split; [|intros h [<-|[]]; exact P].
    apply (L (Some (Idle a st q'))). destruct st; cbn; auto; contradiction.
  - apply (L (Some (Idle a (failed st v) q))). destruct st; cbn; auto; contradiction.
  - left. congruence.
  - apply (L (Some (Idle a st q))) in O. assert (B : only more q -> only more
      (Queue (insert (of_place sub, c) (given_back q)) (fresh q))).
    { intros [F G]. split; [exact F|]. cbn. intros place x I. apply in_insert in I.
      destruct I as [[= <- <-]|I]; auto. }
    destruct st; cbn in O |- *; intuition.
Qed.

Lemma did_dead n sub s e r ret s' es hs : did n sub s e r ret s' es hs -> e <> CREATE ->
  errored_backlog d <> drain -> dead s -> dead s' /\ hs = [].
Proof.
  intros D E B O. destruct D; try (destruct os; contradiction O); cbn in O |- *; try contradiction; try tauto.
  all: destruct st; contradiction || tauto.
Qed.

(** A pull holds the chunk at the end of [os], and gives it back in the course of [more]. *)
Definition given_back_in (os more : list op) n place c := exists p before behind,
  more = before ++ CancelPull p :: behind /\ In (Handed p n place c) (held (run initial os)) /\
  In (Handed p n place c) (held (run initial (os ++ before))).

Lemma stays_over (os more : list op) n : n < next_stream (run initial os) ->
  (forall ok, over ok (find n (streams (run initial os)))) ->
  let st := run initial (os ++ more) in
  over (given_back_in os more n) (find n (streams st)) /\
  forall h, In h (held st) -> h_stream h = n ->
    In h (held (run initial os)) \/ given_back_in os more n (h_place h) (h_chunk h).
Proof.
  intros C O. induction more as [|o more [IH1 IH2]] using rev_ind; cbv zeta.
  { rewrite app_nil_r. auto. }
  pose proof (created_stays len d lim os more) as C'. rewrite app_assoc.
  assert (M : forall place c, given_back_in os more n place c ->
    given_back_in os (more ++ [o]) n place c).
  { intros place c (p & before & behind & -> & H). exists p, before, (behind ++ [o]).
    rewrite <- app_assoc. auto. }
  assert (IH3 : forall h, In h (held (run initial (os ++ more))) -> h_stream h = n ->
    In h (held (run initial os)) \/ given_back_in os (more ++ [o]) n (h_place h) (h_chunk h)).
  { intros h H S. destruct (IH2 h H S); auto. }
  destruct (clear_or_not o) as [->|N].
  { destruct (clear_run len d lim (os ++ more)) as [-> ->]. split; [exact I|assumption]. }
  destruct (step_run len d lim (os ++ more) N)
    as (m & e & sub & hs & r & ret & es & out & T & D & U & -> & H & E & _).
  destruct (Nat.eq_dec n m) as [->|Q].
  - assert (E' : e <> CREATE) by (apply E; lia).
    destruct (did_over _ (given_back_in os (more ++ [o]) m) D E' IH1 M) as [P1 P2].
    { intros c -> Z. destruct (target_cancels _ _ T) as ([p k place x] & -> & Y & HS & HP & HC).
      cbn in HS, HP, HC. subst k place. rewrite Z in HC. injection HC as ->.
      destruct (IH2 _ Y eq_refl) as [B|B]; [|exact (M _ _ B)]. exists p, more, []. auto. }
    split; [exact P1|]. intros h I S. apply in_app_or in I. destruct I; auto.
  - rewrite U by assumption. split; [exact (over_more _ _ _ M IH1)|]. intros h I S.
    apply in_app_or in I. destruct I as [I|I]; auto. apply (did_hands _ D) in I. congruence.
Qed.

Lemma stays_dead (os more : list op) n : errored_backlog d <> drain ->
  n < next_stream (run initial os) -> dead (find n (streams (run initial os))) ->
  dead (find n (streams (run initial (os ++ more)))).
Proof.
  intros B C O. induction more as [|o more IH] using rev_ind; [rewrite app_nil_r; exact O|].
  pose proof (created_stays len d lim os more) as C'. rewrite app_assoc.
  destruct (clear_or_not o) as [->|N].
  { destruct (clear_run len d lim (os ++ more)) as [-> _]. exact I. }
  destruct (step_run len d lim (os ++ more) N)
    as (m & e & sub & hs & r & ret & es & out & _ & D & U & _ & _ & E & _).
  destruct (Nat.eq_dec n m) as [->|Q]; [|rewrite U; assumption].
  apply (did_dead D); auto. apply E. lia.
Qed.

(** Theorem 6a. Once a pull on a stream that was created is done or rejected for the error, no pull
    on that stream brings a chunk any more, save one that a pull held at that moment and that was
    given back since, by cancelling that pull while it still held it. *)
Theorem only_given_back_after_the_end os o more n p ef p' c : n < next_stream (run initial os) ->
  let the_end := run initial (os ++ [o]) in
  pull_of (os ++ [o]) n p -> ends p ef -> In ef (effects (run initial os) o) ->
  pull_of (os ++ o :: more) n p' -> In (Resolved p' (Brought c)) (history the_end more) ->
  exists holder place before behind, more = before ++ CancelPull holder :: behind /\
    In (Handed holder n place c) (held the_end) /\
    In (Handed holder n place c) (held (run the_end before)) /\
    In (Resolved p' (Brought c)) (history (run the_end (before ++ [CancelPull holder])) behind).
Proof.
  intros C the_end P E I P' B. destruct (ends_settles E) as [S G].
  destruct (settled_where_called len d lim _ _ _ I S G P)
    as (e & sub & r & ret & es & out & D & F & _).
  destruct (did_end D F E) as [O _]. pose proof (created_stays len d lim os [o]) as C'.
  rewrite split_one in P'.
  destruct (brought_where_called len d lim _ _ _ P' B ltac:(lia))
    as (pre & o' & post & -> & B' & e' & sub' & r' & ret' & s' & es' & out' & place & N & H & D').
  destruct (stays_over (os ++ [o]) pre (n := n)) as [V _]; [lia|exact O|].
  destruct (did_over _ (fun _ _ => True) D' N V) as [_ Q]; auto.
  destruct (Q _ H) as (holder & before & behind & -> & H1 & H2). cbn in H1, H2.
  exists holder, place, before, (behind ++ o' :: post). rewrite run_app in H2.
  repeat split; auto; [rewrite <- app_assoc; reflexivity|].
  apply history_middle. unfold the_end. rewrite <- !run_app, <- !app_assoc in *. exact B'.
Qed.

(** Theorem 6b. Unless [errored_backlog] is [drain]: once a pull on a stream is rejected for the
    error, no pull on that stream brings a chunk any more, not even one that is given back. *)
Theorem no_chunk_after_the_error os more n p v p' c : errored_backlog d <> drain ->
  pull_of os n p -> In (Rejected p (Errored v)) (history initial os) ->
  pull_of (os ++ more) n p' -> ~ In (Resolved p' (Brought c)) (history (run initial os) more).
Proof.
  intros B P I P' R. destruct (history_split _ _ _ _ _ _ I) as (before & o & behind & -> & I').
  assert (E : ends p (Rejected p (Errored v))) by (right; eauto).
  destruct (ends_settles E) as [S G].
  destruct (settled_where_called len d lim _ _ _ I' S G P)
    as (e & sub & r & ret & es & out & D & F & _).
  destruct (did_end D F E) as [_ Q]. destruct Q as [Q Z]; [discriminate|].
  assert (C : n < next_stream (run initial before)).
  { destruct (find n _) eqn:K; [|congruence]. apply find_key in K.
    destruct (reachable_wellformed (run_reachable len d lim before)) as (_ & _ & W & _).
    eapply rising_in in W; [|exact K]. lia. }
  pose proof (created_stays len d lim before [o]) as C1. rewrite split_one in P', R.
  pose proof (created_stays len d lim (before ++ [o]) behind) as C2.
  destruct (brought_where_called len d lim _ _ _ P' R ltac:(lia))
    as (pre & o' & post & -> & _ & e' & sub' & r' & ret' & s' & es' & out' & place & N & H & D').
  rewrite <- app_assoc in D'.
  destruct (did_dead D' N B) as [_ ->]; [|destruct H]. apply stays_dead; auto. lia.
Qed.

(** One stream, in the state that it has in what follows. *)
Definition alone np st q hs : state := State 2 np [(1, Idle 1 st q)] hs 1.

Ltac steps := repeat (cbn -[level_of]; match goal with
  | L : level_of lim ?n ?b = _ |- context [level_of lim ?n ?b] => rewrite L
  | B : errored_backlog d = _ |- context [errored_backlog d] => rewrite B end); cbn -[level_of]; auto.

Ltac ways O c :=
  destruct O as [(-> & -> & ->)|(B & v & -> & -> & ->)];
  unfold Steps.after, Steps.effects, alone;
  pose proof (level_zero lim 0); pose proof (level_nothing lim 1 (len c + 0));
  destruct (level_of lim 0 0) eqn:L0; try (exfalso; intuition congruence);
  destruct (level_of lim 1 (len c + 0)) eqn:L1; try (exfalso; intuition congruence);
  unfold delta; steps.

Lemma given_back_again c o st ef :
  (o = Close 1 /\ st = Closed /\ ef = Resolved 2 Done) \/
  (errored_backlog d = drain /\ exists v,
    o = Error 1 v /\ st = Failed v false /\ ef = Rejected 2 (Errored v)) ->
  let before := run initial [Create; Pull 1; Push 1 c; o] in
  In ef (effects before (Pull 1)) /\
  In (Resolved 3 (Brought c)) (history before [Pull 1; CancelPull 1; Pull 1]).
Proof.
  intros O. set (hs := [Handed 1 1 1 c]). cbn [Steps.run].
  assert (after (after (after initial Create) (Pull 1)) (Push 1 c) = alone 2 Open no_chunks hs) as -> by ways O c.
  assert (after (alone 2 Open no_chunks hs) o = alone 2 st no_chunks hs) as -> by ways O c.
  split; [ways O c|]. cbn [Steps.history]. rewrite !in_app_iff. right. right. left.
  assert (after (alone 2 st no_chunks hs) (Pull 1) = alone 3 st no_chunks hs) as -> by ways O c.
  set (back := Queue [(1, c)] []).
  assert (after (alone 3 st no_chunks hs) (CancelPull 1) = alone 3 st back []) as -> by ways O c.
  ways O c.
Qed.

(** Theorem 6c. In every dialect a chunk that is given back can come after a pull was done. *)
Theorem given_back_after_the_end c :
  let before := run initial [Create; Pull 1; Push 1 c; Close 1] in
  In (Resolved 2 Done) (effects before (Pull 1)) /\
  In (Resolved 3 (Brought c)) (history before [Pull 1; CancelPull 1; Pull 1]).
Proof. apply given_back_again with (st := Closed). auto. Qed.

(** Theorem 6d. Where [errored_backlog] is [drain], it can come after a pull was rejected, too. *)
Theorem given_back_after_the_error c v : errored_backlog d = drain ->
  let before := run initial [Create; Pull 1; Push 1 c; Error 1 v] in
  In (Rejected 2 (Errored v)) (effects before (Pull 1)) /\
  In (Resolved 3 (Brought c)) (history before [Pull 1; CancelPull 1; Pull 1]).
Proof. intros B. apply given_back_again with (st := Failed v false). eauto 10. Qed.

End Finality.
