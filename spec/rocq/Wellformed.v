(** * Every reachable state is well formed *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Steps.
Import ListNotations.
Set Implicit Arguments.

Section Wellformed.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation stream := (stream Chunk Err).
Notation state := (state Chunk Err).
Notation reachable := (reachable len d lim).
Notation after := (after len d lim).

Fixpoint climbing (lo hi : nat) (xs : list nat) : Prop :=
  match xs with [] => True | x :: rest => lo <= x < hi /\ climbing x hi rest end.

Definition pulls_of (s : stream) : list nat :=
  match s with Waiting _ p ps => p :: ps | _ => [] end.

(** How many of the accepted chunks were ever taken. *)
Definition taken (s : stream) :=
  match s with Waiting a _ _ => a | Idle a _ q | PushesWaiting _ a q _ _ => a - length (fresh q) end.

(** Pulls wait in the order of their calls, several only in dialects that queue them. Queued chunks
    are in the order of pushes, and where an error drops them none is queued on an errored stream.
    Pushes wait only where the queue is full, in dialects that let them, and on a closed stream only
    in those that let them wait through its close. *)
Definition wf_stream (np : nat) (s : stream) : Prop :=
  match s with
  | Waiting _ p ps => rising 1 np (p :: ps) /\ (ps <> [] -> overlapping_pull d = queue_pulls)
  | Idle a st q =>
      length (fresh q) <= a /\ climbing 1 (S (a - length (fresh q))) (map fst (given_back q)) /\
      match st with Failed _ _ => errored_backlog d = drop -> q = no_chunks | _ => True end
  | PushesWaiting b a q _ _ =>
      length (fresh q) <= a /\ climbing 1 (S (a - length (fresh q))) (map fst (given_back q)) /\
      room_at (level_of lim (length (chunks q)) (size len q)) = false /\ lets_wait d = true /\
      (b = true -> push_when_full d = wait_through_close)
  end.

(** Numbers are below the next ones and each is used once; streams are in the order of creation;
    a chunk that a pull holds was taken from its stream. *)
Definition wellformed (st : state) : Prop :=
  1 <= next_stream st /\ 1 <= next_pull st /\
  rising 1 (next_stream st) (keys (streams st)) /\
  (forall n s, find n (streams st) = Some s -> wf_stream (next_pull st) s) /\
  (forall h, In h (held st) -> 1 <= h_pull h < next_pull st /\
     1 <= h_stream h < next_stream st /\ 1 <= h_place h /\
     forall s, find (h_stream h) (streams st) = Some s -> h_place h <= taken s).

Lemma climbing_weaken lo hi lo' hi' xs : climbing lo hi xs -> lo' <= lo -> hi <= hi' ->
  climbing lo' hi' xs.
Proof.
  revert lo lo'. induction xs as [|y ys IH]; cbn; [tauto|].
  intros lo lo' [L R] ? ?. split; [lia|]. eapply IH; eauto.
Qed.

Lemma insert_climbing lo hi g (gs : list (nat * Chunk)) : climbing lo hi (map fst gs) ->
  lo <= fst g < hi -> climbing lo hi (map fst (insert g gs)).
Proof.
  revert lo. induction gs as [|h gs IH]; cbn -[Nat.ltb]; [tauto|].
  intros lo [L R] G. destruct (Nat.ltb_spec (fst h) (fst g)); cbn.
  - split; [lia|]. apply IH; [assumption|lia].
  - repeat split; try lia. eapply climbing_weaken; eauto.
Qed.

Lemma rising_remove lo hi p ps : rising lo hi ps -> rising lo hi (remove_first p ps).
Proof.
  revert lo. induction ps as [|q ps IH]; cbn; [tauto|].
  intros lo [L R]. destruct (q =? p); cbn.
  - eapply rising_weaken; eauto; lia.
  - auto.
Qed.

Lemma remove_first_nil p q (ps : list nat) : ps = [] -> remove_first p (q :: ps) = [] \/
  remove_first p (q :: ps) = [q].
Proof. intros ->. cbn. destruct (q =? p); auto. Qed.

Definition wf_option np (s : option stream) := forall x, s = Some x -> wf_stream np x.
Definition taken_by (s : option stream) (most : nat) := forall x, s = Some x -> most <= taken x.

Lemma wf_weaken np np' s : wf_stream np s -> np <= np' -> wf_stream np' s.
Proof.
  destruct s; try (cbn; tauto). intros [R Q] L. split; [eapply rising_weaken; eauto|assumption].
Qed.

Lemma wf_line np a ps : rising 1 np ps -> (2 <= length ps -> overlapping_pull d = queue_pulls) ->
  wf_option np (line a ps).
Proof.
  intros R Q x [= <-]. destruct ps as [|p [|p' ps]]; cbn in *.
  - repeat split; lia.
  - tauto.
  - repeat split; try tauto; intros; apply Q; lia.
Qed.

Lemma wf_crowd np b a q os : length (fresh q) <= a ->
  climbing 1 (S (a - length (fresh q))) (map fst (given_back q)) ->
  (os <> [] -> room_at (level_of lim (length (chunks q)) (size len q)) = false /\ lets_wait d = true /\
    (b = true -> push_when_full d = wait_through_close)) ->
  wf_option np (crowd b a q os).
Proof.
  intros F G P x [= <-]. destruct os as [|o os]; cbn; [destruct b; cbn; auto|].
  destruct P as (L & P & C); [discriminate|]. auto.
Qed.

Lemma taken_line a ps most : most <= a -> taken_by (line a ps) most.
Proof. intros L x [= <-]. destruct ps; cbn; lia. Qed.

Lemma taken_some x most : taken_by (Some x) most <-> most <= taken x.
Proof. split; [auto|intros L y [= <-]; assumption]. Qed.

Lemma wf_some np x : wf_option np (Some x) <-> wf_stream np x.
Proof. split; [auto|intros W y [= <-]; assumption]. Qed.

Lemma taken_in_line a ps most : taken_by (line a ps) most <-> most <= a.
Proof. unfold line. rewrite taken_some. destruct ps; cbn; lia. Qed.

Lemma taken_in_crowd b a q os most : taken_by (crowd b a q os) most <-> most <= a - length (fresh q).
Proof. unfold crowd. rewrite taken_some. destruct os; cbn; lia. Qed.

Lemma oldest_wf a (q : queue Chunk) place c q' : oldest a q = Some (place, c, q') ->
  length (fresh q) <= a -> climbing 1 (S (a - length (fresh q))) (map fst (given_back q)) ->
  1 <= place <= a - length (fresh q') /\ a - length (fresh q) <= a - length (fresh q') /\
  length (fresh q') <= a /\ climbing 1 (S (a - length (fresh q'))) (map fst (given_back q')).
Proof.
  destruct q as [[|g gs] [|f fs]]; cbn; intros H; inversion H; subst; cbn;
    intros; repeat split; try lia;
    try (eapply climbing_weaken; intuition eauto; lia); intuition lia.
Qed.

(** What an event does to one stream keeps it well formed; nothing that was taken is untaken. *)
Lemma did_wf n sub s e r ret s' es hs np np' : did len d lim n sub s e r ret s' es hs ->
  wf_option np s -> 1 <= np <= np' -> (e = PULL -> of_pull sub = np /\ np' = S np) ->
  (e = CANCEL_HANDED -> 1 <= of_place sub /\ taken_by s (of_place sub)) ->
  wf_option np' s' /\ (forall most, s <> None -> taken_by s most -> taken_by s' most) /\
  (s = None -> s' <> None -> e = CREATE) /\
  (forall h, In h hs -> h_stream h = n /\ 1 <= h_place h /\ 1 <= h_pull h < np' /\ s <> None /\
     taken_by s' (h_place h)).
Proof.
  intros D W L P C.
  assert (W' : forall x, s = Some x -> wf_stream np' x) by (intros; eapply wf_weaken; [eauto|lia]).
  destruct D; try specialize (W _ eq_refl); try specialize (W' _ eq_refl);
    unfold append in *; cbn in W, W'.
  all: try match goal with O : oldest _ _ = Some _ |- _ =>
    destruct W as (W1 & W2 & W3); pose proof (oldest_wf _ O W1 W2) as (Q1 & Q2 & Q3 & Q4) end.
  all: try (destruct (P eq_refl) as [P1 P2]); try (destruct (C eq_refl) as [C1 C2]).
  all: rewrite ?taken_some, ?taken_in_line, ?taken_in_crowd in *; cbn [taken] in *.
  all: split; [|split; [|split]].
  all: try (intros most _ T; rewrite ?taken_some, ?taken_in_line, ?taken_in_crowd in *;
    cbn [taken fresh no_chunks] in *; rewrite ?app_length in *; cbn [length] in *; lia).
  all: try solve [intros; discriminate || congruence].
  all: try solve [cbn; intuition].
  all: try (intros h [<-|[]]; cbn [h_stream h_place h_pull];
    rewrite ?taken_some, ?taken_in_line; cbn [taken];
    repeat split; try lia; congruence).
  all: rewrite ?wf_some; cbn [wf_stream]; try solve [cbn in *; intuition (eauto; lia)].
  all: try (apply wf_line; cbn [rising length]; cbn in W';
    rewrite ?app_length, ?P1, ?P2 in *; cbn [length] in *; [intuition lia|intros; lia || idtac]).
  - cbn [fresh given_back]. rewrite app_length. cbn [length].
    destruct W as (F & G & _). repeat split; [lia|].
    eapply climbing_weaken; [exact G|lia|lia].
  - apply wf_line; [destruct W' as [[R1 R2] _]; eapply rising_weaken; [exact R2|lia|lia]|].
    intros. apply W'. destruct ps; [cbn in *; lia|discriminate].
  - repeat split; [lia|assumption|]. destruct st; auto. congruence.
  - cbn [rising]. destruct W as [[R1 R2] _]. rewrite P1, P2. split.
    + split; [lia|]. apply rising_snoc with (hi := np); [assumption|lia|lia].
    + auto.
  - rewrite P1, P2. apply wf_line.
    + destruct W as [[R1 R2] _]. apply rising_snoc with (hi := np); [|lia|lia].
      eapply rising_weaken; [exact R2|lia|lia].
    + intros L2. rewrite app_length in L2. cbn in L2. apply W. destruct ps; [cbn in *; lia|discriminate].
  - destruct W as (F & G & S). repeat split; try assumption. intros B.
    destruct (H1 B) as [|(w & b & ->)]; [assumption|]. apply S, B.
  - pose proof (remove_first_length _ _ H0) as L2. apply wf_line.
    + apply rising_remove. apply W'.
    + intros L3. apply W. destruct ps; [cbn in *; lia|discriminate].
  - apply wf_line; [destruct W' as [[R1 R2] _]; eapply rising_weaken; [exact R2|lia|lia]|].
    intros. apply W'. destruct ps; [cbn in *; lia|discriminate].
  - cbn [fresh given_back]. destruct W as (F & G & S). repeat split; [assumption| |].
    + apply insert_climbing; [assumption|cbn; lia].
    + destruct st; auto. congruence.
  - apply wf_crowd; destruct os; cbn in W; try tauto; intros _; try tauto;
      destruct H0 as [H0 H1]; try reflexivity; repeat split; try assumption; discriminate.
  - destruct (admit_spec _ _ _ _ H0) as (_ & B & F & M).
    apply wf_crowd; rewrite ?B, ?F, ?app_length, ?map_length.
    + lia.
    + replace (a + length ins - (length (fresh q') + length ins)) with (a - length (fresh q')) by lia.
      exact Q4.
    + intros N. split; [exact (M N)|tauto].
  - destruct (admit_spec _ _ _ _ H0) as (_ & B & F & M). intros most _ T.
    rewrite ?taken_some, ?taken_in_crowd in *. cbn [taken] in T. rewrite F, app_length, map_length. lia.
  - destruct (admit_spec _ _ _ _ H0) as (_ & B & F & M).
    intros h [<-|[]]; cbn [h_stream h_place h_pull]. rewrite taken_in_crowd, F, app_length, map_length.
    repeat split; try lia. discriminate.
  - apply wf_crowd; cbn; [lia|exact I|]. intros _. destruct W as (_ & _ & W). exact W.
  - intros h [<-|[]]; cbn [h_stream h_place h_pull]. rewrite taken_in_crowd. cbn. rewrite P1, P2.
    repeat split; try lia. discriminate.
  - destruct W as (F & G & _). subst q'. destruct (drops r) eqn:R; [cbn; repeat split; lia|].
    repeat split; [exact F|exact G|]. intros B. apply H2 in B. discriminate.
  - intros most _ T. rewrite taken_some in *. cbn [taken] in *. subst q'. destruct (drops r); cbn; lia.
  - apply wf_crowd; tauto.
  - cbn [fresh given_back]. destruct W as (F & G & V & X).
    split; [assumption|]. split; [|split; [|exact X]].
    + apply insert_climbing; [assumption|cbn; lia].
    + rewrite level_insert. eapply level_more; [exact V|lia|lia].
Qed.

Lemma target_fits st o : wellformed st -> o <> Clear -> let '(n, e, sub, hs) := target st o in
  fits len lim (find n (streams st)) e sub.
Proof.
  intros (N & _ & K & WS & _).
  assert (C : forall n, full_if_crowded len lim (find n (streams st))).
  { intros n. destruct (find n (streams st)) as [[| |]|] eqn:F; try exact I.
    apply WS in F. apply F. }
  destruct o; cbn -[full_if_crowded]; try tauto; eauto.
  - intros _. destruct (find _ _) eqn:F; [|reflexivity].
    apply find_key in F. eapply rising_in in K; [|exact F]. lia.
  - destruct (release _ _) as [[]|] eqn:R; cbn; [eauto|].
    destruct (waiter_of _ _) as [[]|] eqn:W; cbn; [|auto].
    apply waiter_some in W. destruct W as (I & a & q & qs & -> & Q). intros _.
    erewrite in_find; [|exact K|exact I]. exact Q.
  - destruct (release _ _) as [[]|]; cbn; auto.
  - destruct (pusher_of _ _) as [[]|] eqn:W; cbn -[full_if_crowded]; [|auto].
    apply pusher_some in W. destruct W as (I & b & a & q & o & os & -> & Q). intros _. split; [apply C|].
    erewrite in_find; [|exact K|exact I]. exact Q.
Qed.

(** What one step does, put together. *)
Lemma step_did st o : wellformed st -> o <> Clear ->
  let '(n, e, sub, hs) := target st o in
  exists ret s' es out, did len d lim n sub (find n (streams st)) e (rule_of len d lim st o) ret s' es out
    /\ after st o = State (new_streams o + next_stream st) (new_pulls o + next_pull st)
         (put n s' (streams st)) (hs ++ out) (begun e ret + next_push st)
    /\ effects len d lim st o =
         returned len st o ret ++ es ++ told_writers len lim n (find n (streams st)) s'.
Proof.
  intros W N. pose proof (step_target len d lim st N) as S. pose proof (target_fits W N) as F.
  destruct (target st o) as [[[n e] sub] hs].
  destruct (react_did len d lim n _ _ _ F) as (es & E & D).
  unfold after, effects, rule_of. rewrite S. cbn [fst snd]. rewrite E. eauto 10.
Qed.

Lemma clear_or_not (o : op Chunk Err) : o = Clear \/ o <> Clear.
Proof. destruct o; (left; reflexivity) || (right; discriminate). Qed.

Lemma clear_wf st : wellformed st -> wellformed (after st Clear).
Proof.
  destruct st as [ns np ss hs nq]. intros (N1 & N2 & _ & _ & H). cbn in *.
  repeat split; cbn; try assumption; try discriminate; apply H; assumption.
Qed.

(** What an op sees to before it asks, concerning numbers and held chunks. *)
Lemma target_held st o : wellformed st -> o <> Clear ->
  let '(n, e, sub, hs) := target st o in
  (e = CREATE <-> o = Create) /\ (o = Create -> n = next_stream st) /\
  (forall h, In h hs -> In h (held st)) /\
  (e = PULL -> of_pull sub = next_pull st /\ new_pulls o + next_pull st = S (next_pull st)) /\
  (e = CANCEL_HANDED -> 1 <= of_place sub /\ taken_by (find n (streams st)) (of_place sub)).
Proof.
  intros (_ & _ & _ & _ & H) _. destruct o; cbn; try solve [intuition congruence].
  - destruct (release p (held st)) as [[h others]|] eqn:R; cbn.
    + apply release_some in R. destruct R as (E & I & A).
      split; [intuition congruence|]. split; [discriminate|]. split; [exact A|]. split; [intuition congruence|].
      intros _. destruct (H h I) as (_ & _ & P & T). split; [exact P|exact T].
    + destruct (waiter_of p _) as [[]|]; cbn; intuition congruence.
  - destruct (release p (held st)) as [[h others]|] eqn:R; cbn; [|intuition congruence].
    apply release_some in R. destruct R as (E & I & A). intuition congruence.
  - destruct (pusher_of p _) as [[]|]; cbn; intuition congruence.
Qed.

(** Theorem 1. Every state that a program can reach is well formed. *)
Theorem reachable_wellformed st : reachable st -> wellformed st.
Proof.
  induction 1 as [|st o R W].
  - split; [cbn; lia|]. split; [cbn; lia|]. cbn. split; [exact I|].
    split; [discriminate|contradiction].
  - destruct (clear_or_not o) as [->|N]; [exact (clear_wf W)|].
    pose proof (step_did W N) as S. pose proof (target_held W N) as T.
    destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & A & _).
    destruct W as (N1 & N2 & K & WS & WH). destruct T as (T1 & TN & T2 & T3 & T4).
    destruct (did_wf D (np := next_pull st) (np' := new_pulls o + next_pull st))
      as (P1 & P2 & P3 & P4); [exact (WS n)|destruct o; cbn; lia|exact T3|exact T4|].
    assert (NK : In n (keys (streams st)) \/ s' = None \/ n = next_stream st).
    { destruct (find n (streams st)) eqn:F; [left; eapply find_key; eauto|].
      destruct s'; [|auto]. right. right.
      assert (o = Create) by (apply T1, P3; congruence). apply TN. assumption. }
    assert (N1' : s' = None \/ 1 <= n < new_streams o + next_stream st).
    { destruct NK as [I|[-> | ->]]; [|auto|].
      - right. eapply rising_in in K; [|exact I]. lia.
      - destruct s'; [|auto]. right. destruct (find (next_stream st) (streams st)) eqn:F.
        + apply find_key in F. eapply rising_in in K; [|exact F]. lia.
        + assert (o = Create) by (apply T1, P3; congruence). subst. cbn. lia. }
    rewrite A. split; [cbn; lia|]. split; [cbn; lia|]. cbn [next_stream next_pull streams held].
    split; [|split].
    + destruct N1' as [->|N1'].
      * apply put_none_rising. eapply rising_weaken; [exact K|lia|lia].
      * eapply put_keys; [exact K|lia|exact NK|lia|lia].
    + intros m x. destruct (Nat.eq_dec m n) as [->|M].
      * erewrite find_put by exact K. apply P1.
      * rewrite find_put_other by assumption. intros F. eapply wf_weaken; [apply (WS _ _ F)|lia].
    + intros h I. apply in_app_or in I. destruct I as [I|I].
      * destruct (WH h (T2 h I)) as (H1 & H2 & H3 & H4).
        split; [lia|]. split; [lia|]. split; [assumption|]. intros x.
        destruct (Nat.eq_dec (h_stream h) n) as [E|M].
        -- rewrite E; erewrite find_put by exact K. intros X.
           refine (P2 _ _ _ x X); [|intros y Y; apply H4; congruence].
           intros F. exfalso.
           assert (o = Create) by (apply T1, P3; [exact F|congruence]).
           pose proof (TN H). lia.
        -- rewrite find_put_other by assumption. apply H4.
      * destruct (P4 h I) as (H1 & H2 & H3 & H4 & H5). subst n.
        split; [exact H3|]. split; [|split; [exact H2|erewrite find_put by exact K; exact H5]].
        destruct (find (h_stream h) (streams st)) eqn:F; [|congruence].
        apply find_key in F. eapply rising_in in K; [|exact F]. lia.
Qed.

(** Theorem 1, where a push waits: the stream is full, in a dialect that lets pushes wait, so that no
    push waits while there is room; and it is open, or the dialect lets pushes wait through its close. *)
Theorem no_push_waits_while_there_is_room (st : state) n b a q o os : reachable st ->
  find n (streams st) = Some (PushesWaiting b a q o os) ->
  room_at (level_of lim (length (chunks q)) (size len q)) = false /\ lets_wait d = true /\
  (b = true -> push_when_full d = wait_through_close).
Proof.
  intros R F. destruct (reachable_wellformed R) as (_ & _ & _ & W & _). apply W in F. apply F.
Qed.

(** Theorem 1, as a view shows it. Where a pull waits, the stream is open and not errored and has
    nothing queued. *)
Theorem waiting_is_open_and_empty (s : stream) : v_waiting (view_of len s) = true ->
  v_closed (view_of len s) = false /\ v_error (view_of len s) = None /\
  v_queue (view_of len s) = [].
Proof. destruct s as [|a [| |v b] q|]; cbn; (discriminate || auto). Qed.

(** The size that is shown is the sum of the lengths of the chunks that are shown. *)
Theorem size_is_the_sum (s : stream) :
  v_size (view_of len s) = list_sum (map len (v_queue (view_of len s))).
Proof. destruct s as [|a [| |v b] q|]; reflexivity. Qed.

End Wellformed.
