(** * Queues are in the order of pushes *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Chunks.
Import ListNotations.
Set Implicit Arguments.

Section Order.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation state := (state Chunk Err).
Notation stream := (stream Chunk Err).
Notation item := (nat * nat * Chunk)%type.
Notation reachable := (reachable len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).
Notation accepted := (accepted len d lim).
Notation dropped := (dropped len d lim).
Notation did := (did len d lim).

Definition stream_of (i : item) := fst (fst i).
Definition place_of (i : item) := snd (fst i).

(** What is queued on stream [n], oldest first, each chunk with its place in the order of pushes. *)
Definition queued_on n (st : state) : list item := queued n (find n (streams st)).

(** What is shown as queued on stream [n], oldest first. *)
Definition shown_of (s : option stream) :=
  match s with Some s => v_queue (view_of len s) | None => [] end.
Definition shown n (st : state) := shown_of (find n (streams st)).

(** Counts the chunk in place [k] of stream [n]. *)
Definition there n k (i : item) := if (stream_of i =? n) && (place_of i =? k) then 1 else 0.

Lemma there_once n k i : there n k i <= 1.
Proof. unfold there. destruct (_ && _); lia. Qed.

Lemma there_in n k is : 1 <= count (there n k) is -> exists i, In i is /\ stream_of i = n /\ place_of i = k.
Proof.
  induction is as [|i is IH]; [rewrite count_nil; lia|]. rewrite count_cons. unfold there at 1.
  destruct (Nat.eqb_spec (stream_of i) n), (Nat.eqb_spec (place_of i) k); cbn [andb]; intros L.
  1: exists i; cbn; auto.
  all: destruct (IH L) as (x & I & E); exists x; split; [right; exact I|exact E].
Qed.

Lemma in_there i is : In i is -> 1 <= count (there (stream_of i) (place_of i)) is.
Proof.
  induction is as [|x is IH]; intros []; rewrite count_cons.
  - subst. unfold there at 1. rewrite !Nat.eqb_refl. cbn. lia.
  - specialize (IH H). lia.
Qed.

Lemma queued_stream n (s : option stream) i : In i (queued n s) -> stream_of i = n.
Proof.
  destruct s as [[|a st q]|]; cbn; try tauto. intros I. apply in_app_or in I. destruct I as [I|I].
  - apply in_map_iff in I. destruct I as (g & <- & _). reflexivity.
  - revert I. generalize (a - length (fresh q)). induction (fresh q); cbn; [tauto|].
    intros from [<-|I]; [reflexivity|eauto].
Qed.

Lemma shown_queued n s : map snd (queued n s) = shown_of s.
Proof.
  destruct s as [[|a st q]|]; try reflexivity. cbn [queued]. rewrite map_app, map_map.
  transitivity (chunks q); [|destruct st; reflexivity]. unfold chunks. f_equal.
  generalize (a - length (fresh q)). induction (fresh q); intros from; cbn; congruence.
Qed.

Lemma climbing_app lo mid hi xs ys : climbing lo mid xs -> climbing mid hi ys -> lo <= mid <= hi ->
  climbing lo hi (xs ++ ys).
Proof.
  revert lo. induction xs as [|x xs IH]; cbn; intros lo C Y L.
  - eapply climbing_weaken; [exact Y|lia|lia].
  - split; [lia|]. apply IH; [tauto|assumption|lia].
Qed.

Lemma in_order_climbing n from (cs : list Chunk) :
  climbing (S from) (S (from + length cs)) (map place_of (in_order n from cs)).
Proof.
  revert from. induction cs as [|c cs IH]; intros from; cbn; [exact I|]. split; [lia|].
  eapply climbing_weaken; [apply IH|lia|lia].
Qed.

Lemma queued_climbing np n (s : stream) : wf_stream d np s ->
  climbing 1 (S (accepted_of (Some s))) (map place_of (queued n (Some s))).
Proof.
  destruct s as [|a st q]; cbn -[climbing]; [intros; exact I|]. intros (F & G & _).
  rewrite map_app, map_map. apply climbing_app with (mid := S (a - length (fresh q))); [exact G| |lia].
  eapply climbing_weaken; [apply in_order_climbing|lia|lia].
Qed.

Lemma climbing_in lo hi xs x : climbing lo hi xs -> In x xs -> lo <= x < hi.
Proof.
  revert lo. induction xs as [|y ys IH]; cbn; [tauto|].
  intros lo [L C] [->|I]; [assumption|]. specialize (IH _ C I). lia.
Qed.

Lemma climbing_rising lo hi xs : climbing lo hi xs -> NoDup xs -> rising lo hi xs.
Proof.
  intros C U. revert lo C. induction U as [|x xs N U IH]; cbn; [tauto|].
  intros lo [L C]. split; [assumption|]. apply IH. destruct xs as [|y ys]; [exact I|].
  destruct C as [B C]. split; [|assumption]. enough (x <> y) by lia.
  intros <-. apply N. left. reflexivity.
Qed.

Lemma once_distinct n (is : list item) : (forall i, In i is -> stream_of i = n) ->
  (forall k, count (there n k) is <= 1) -> NoDup (map place_of is).
Proof.
  induction is as [|i is IH]; cbn [map]; intros S O; constructor.
  - intros I. apply in_map_iff in I. destruct I as (x & E & I). apply in_there in I as J.
    rewrite E, (S x (or_intror I)) in J. specialize (O (place_of i)). rewrite count_cons in O.
    unfold there at 1 in O. rewrite (S i (or_introl eq_refl)), !Nat.eqb_refl in O. cbn in O. lia.
  - apply IH; [intros x I; apply S; right; exact I|].
    intros k. specialize (O k). rewrite count_cons in O. lia.
Qed.

Lemma taken_accepted np (s : stream) : wf_stream d np s -> taken s <= accepted_of (Some s).
Proof. destruct s; cbn; lia. Qed.

(** What a push accepts goes to a place in which nothing is queued or held. *)
Lemma accepted_is_new (st : state) (o : op) n k : wellformed d st -> 1 <= count (there n k) (accepted st o) ->
  count (there n k) (all_queued st) + count (there n k) (all_held st) = 0
  /\ count (there n k) (accepted st o) <= 1.
Proof.
  intros W A. assert (N : o <> Clear) by (intros ->; cbn in A; lia).
  pose proof (step_did len lim W N) as S.
  destruct o as [| |m c| | | | | | | |]; try (cbn in A; lia).
  cbn [target] in S. destruct S as (ret & s' & es & out & D & _ & E).
  unfold Chunks.accepted in A |- *. rewrite E in A |- *.
  assert (R : ret = Some true).
  { destruct ret as [[]|]; [reflexivity|cbn in A; lia|].
    exfalso. exact (push_answers D eq_refl). }
  subst ret. cbn [returned app] in *. rewrite count_cons, count_nil in *. unfold there at 1 in A.
  destruct (Nat.eqb_spec (stream_of (m, S (accepted_of (find m (streams st))), c)) n) as [M|];
    [|cbn in A; lia].
  destruct (Nat.eqb_spec (place_of (m, S (accepted_of (find m (streams st))), c)) k) as [K|];
    [|cbn in A; lia].
  cbn in M, K. subst m.
  assert (X : exists s, find n (streams st) = Some s).
  { destruct (find n (streams st)) eqn:F; [eauto|]. inversion D; subst; try discriminate.
    match goal with H : _ = _ -> Some true = Some false |- _ => discriminate (H eq_refl) end. }
  destruct X as [s F]. rewrite F in K. destruct W as (_ & _ & KS & WS & WH).
  split; [|rewrite Nat.add_0_r; apply there_once].
  enough (count (there n k) (all_queued st) < 1 /\ count (there n k) (all_held st) < 1) by lia.
  rewrite !Nat.lt_nge. split; intros L; apply there_in in L; destruct L as (i & I & E1 & E2).
  - apply in_flat_map in I. destruct I as ([m x] & J & I). cbn [fst snd] in I.
    apply queued_stream in I as Q. rewrite E1 in Q. subst m.
    assert (G : find n (streams st) = Some x) by (eapply in_find; eassumption).
    rewrite F in G. injection G as ->. apply (in_map place_of) in I.
    eapply climbing_in in I; [|eapply queued_climbing, WS, F]. lia.
  - apply in_map_iff in I. destruct I as (h & <- & I). cbn in E1, E2.
    destruct (WH h I) as (_ & _ & _ & T). rewrite E1 in T. specialize (T _ F).
    pose proof (taken_accepted _ _ (WS _ _ F)). lia.
Qed.

Lemma places_are_used_once (st : state) n k : reachable st ->
  count (there n k) (all_queued st) + count (there n k) (all_held st) <= 1.
Proof.
  induction 1 as [|st o R IH]; [cbn; lia|]. pose proof (reachable_wellformed R) as W.
  pose proof (step_chunks len lim (there n k) o W) as P.
  destruct (Nat.leb_spec 1 (count (there n k) (accepted st o))) as [L|L]; [|lia].
  pose proof (accepted_is_new _ _ _ W L). lia.
Qed.

Lemma queued_all g n (st : state) : count g (queued_on n st) <= count g (all_queued st).
Proof.
  unfold queued_on, all_queued. induction (streams st) as [|[m s] ss IH]; cbn [find flat_map].
  - cbn. lia.
  - rewrite count_app. cbn [fst snd]. destruct (Nat.eqb_spec m n); [subst; lia|lia].
Qed.

(** Theorem 3b. What is shown as queued on a stream is in the order of its pushes: every chunk is in
    a place of its own, from 1 to the number of chunks that were accepted there. *)
Theorem queues_are_in_order (st : state) n : reachable st ->
  map snd (queued_on n st) = shown n st
  /\ rising 1 (S (accepted_of (find n (streams st)))) (map place_of (queued_on n st)).
Proof.
  intros R. split; [apply shown_queued|].
  pose proof (reachable_wellformed R) as (_ & _ & _ & W & _). apply climbing_rising.
  - unfold queued_on. destruct (find n (streams st)) eqn:F; [|exact I].
    eapply queued_climbing, W, F.
  - apply once_distinct with (n := n); [intros i; apply queued_stream|]. intros k.
    pose proof (places_are_used_once n k R). pose proof (queued_all (there n k) n st). lia.
Qed.

(** Theorem 3c. A pull that takes a chunk out of a queue takes the one that was pushed before all
    that stay queued, which stay as they are. *)
Theorem the_oldest_is_taken (st : state) n p c : reachable st ->
  In (Resolved p (Brought c)) (effects st (Pull n)) ->
  exists place, queued_on n st = (n, place, c) :: queued_on n (after st (Pull n))
    /\ forall i, In i (queued_on n (after st (Pull n))) -> place < place_of i.
Proof.
  intros R I. pose proof (reachable_wellformed R) as W. pose proof (queues_are_in_order n R) as [_ O].
  assert (N : Pull n <> Clear :> op) by discriminate. pose proof (step_did len lim W N) as S.
  cbn [target] in S. destruct S as (ret & s' & es & out & D & A & E). rewrite E in I.
  destruct W as (_ & _ & K & W & _). unfold queued_on in *. rewrite A. cbn [streams].
  erewrite find_put by exact K.
  assert (J : In (Resolved p (Brought c)) es).
  { apply in_app_or in I. destruct I as [I|I]; [destruct ret; cbn in I; intuition discriminate|].
    apply in_app_or in I. destruct I as [I|I]; [exact I|].
    unfold told_writers in I. destruct (_ && _); cbn in I; intuition discriminate. }
  clear I. destruct (find n (streams st)) as [s|] eqn:F.
  - specialize (W _ _ F). clear F A E N. remember (Some s) as x eqn:X. remember PULL as e eqn:V.
    destruct D; try discriminate; try contradiction;
      try (match goal with T : told_at_once _ _ _ _ |- _ => destruct T end);
      try (match goal with T : pushed_aside _ _ _ |- _ => destruct T end);
      try (destruct J as [J|J]; [discriminate|contradiction]).
    injection X as <-. destruct J as [J|[]]. injection J as _ ->. destruct W as (L & _).
    match goal with H : oldest _ _ = _ |- _ => rewrite (oldest_queued n st0 _ H L) in O |- * end.
    exists place. split; [reflexivity|]. intros i I. cbn [map] in O. destruct O as [_ O].
    apply (in_map place_of) in I. eapply rising_in in O; [|exact I]. cbn in O. lia.
  - exfalso. clear - D J. remember (@None stream) as x eqn:X. remember PULL as e eqn:V.
    destruct D; try discriminate; try contradiction;
    match goal with T : told_at_once _ _ _ _ |- _ => destruct T end;
      (destruct J as [J|J]; [discriminate|contradiction]).
Qed.

End Order.
