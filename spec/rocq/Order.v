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
  destruct s as [[|a st q|closed a q o os]|]; cbn; try tauto; intros I; apply in_app_or in I; destruct I as [I|I].
  1, 3: apply in_map_iff in I; destruct I as (g & <- & _); reflexivity.
  all: revert I; generalize (a - length (fresh q)); induction (fresh q); cbn; [tauto|];
    intros from [<-|I]; [reflexivity|eauto].
Qed.

Lemma shown_queued n s : map snd (queued n s) = shown_of s.
Proof.
  assert (S : forall a (q : queue Chunk), map snd (map (fun g => (n, fst g, snd g)) (given_back q)
      ++ in_order n (a - length (fresh q)) (fresh q)) = chunks q).
  { intros a q. rewrite map_app, map_map. unfold chunks. f_equal.
    generalize (a - length (fresh q)). induction (fresh q); intros from; cbn; congruence. }
  destruct s as [[|a st q|closed a q o os]|]; try reflexivity; cbn [queued]; rewrite S; [|reflexivity].
  destruct st; reflexivity.
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

Lemma queued_climbing np n (s : stream) : wf_stream len d lim np s ->
  climbing 1 (S (accepted_of (Some s))) (map place_of (queued n (Some s))).
Proof.
  destruct s as [|a st q|closed a q o os]; cbn -[climbing]; [intros; exact I| |]; intros (F & G & _);
    rewrite map_app, map_map; (apply climbing_app with (mid := S (a - length (fresh q))); [exact G| |lia]);
    (eapply climbing_weaken; [apply in_order_climbing|lia|lia]).
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

Lemma taken_accepted np (s : stream) : wf_stream len d lim np s -> taken s <= accepted_of (Some s).
Proof. destruct s; cbn; lia. Qed.

Lemma accepted_in_order (st : state) (o : op) : wellformed len d lim st -> accepted st o = []
  \/ exists m s cs, find m (streams st) = Some s /\ accepted st o = in_order m (accepted_of (Some s)) cs.
Proof.
  intros W. destruct o as [|n|m c|m|n|n v|n|n| |p|p|p]; try (left; reflexivity).
  - assert (N : Push m c <> Clear :> op) by discriminate. pose proof (step_did W N) as S.
    cbn [target] in S. destruct S as (ret & s' & es & out & D & _ & E).
    unfold Chunks.accepted. rewrite E. destruct ret as [[]|]; [| |].
    + right. destruct (find m (streams st)) as [s|] eqn:F.
      * exists m, s, [c]. split; [exact F|reflexivity].
      * exfalso. inversion D; subst; try discriminate.
        match goal with H : _ = _ -> Some true = Some false |- _ => discriminate (H eq_refl) end.
    + left. reflexivity.
    + left. rewrite (push_waits D). cbn [returned app]. unfold told_writers.
      destruct (_ && _); reflexivity.
  - unfold Chunks.accepted. destruct (find m (streams st)) as [s|] eqn:F.
    + right. exists m, s, (admitted_of len lim (Some s)). split; [exact F|reflexivity].
    + left. reflexivity.
Qed.

Lemma in_order_places n k m from (cs : list Chunk) : 1 <= count (there n k) (in_order m from cs) ->
  m = n /\ from < k /\ count (there n k) (in_order m from cs) <= 1.
Proof.
  revert from. induction cs as [|c cs IH]; intros from; cbn [in_order]; rewrite ?count_nil, ?count_cons; [lia|].
  unfold there at 1 3. unfold stream_of, place_of. cbn [fst snd].
  destruct (Nat.eqb_spec m n) as [->|M], (Nat.eqb_spec (S from) k) as [<-|K]; cbn [andb]; intros L.
  - split; [reflexivity|]. split; [lia|].
    enough (count (there n (S from)) (in_order n (S from) cs) < 1) by lia.
    rewrite Nat.lt_nge. intros Z. destruct (IH _ Z) as (_ & Y & _). lia.
  - destruct (IH (S from)) as (_ & Y & Z); lia.
  - destruct (IH (S from)) as (Y & _ & _); [lia|congruence].
  - destruct (IH (S from)) as (Y & _ & _); [lia|congruence].
Qed.

(** What an op accepts goes to places in which nothing is queued or held. *)
Lemma accepted_is_new (st : state) (o : op) n k : wellformed len d lim st -> 1 <= count (there n k) (accepted st o) ->
  count (there n k) (all_queued st) + count (there n k) (all_held st) = 0
  /\ count (there n k) (accepted st o) <= 1.
Proof.
  intros W A. destruct (accepted_in_order o W) as [E|(m & s & cs & F & E)]; rewrite E in *;
    [rewrite count_nil in A; lia|].
  destruct (in_order_places _ _ _ _ _ A) as (-> & K & C). split; [|exact C].
  destruct W as (_ & _ & KS & WS & WH).
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
  pose proof (step_chunks (there n k) o W) as P.
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

Lemma in_order_above n a (cs : list Chunk) i : In i (in_order n a cs) -> a < place_of i.
Proof.
  intros I. apply (in_map place_of) in I. eapply climbing_in in I; [|apply in_order_climbing]. lia.
Qed.

(** Theorem 3c. The chunks that are queued, and behind them those of the waiting pushes that a pull
    accepts, are in the order of pushes: the pull takes the first of them all, and the others are
    what is queued then. *)
Theorem the_oldest_is_taken (st : state) n p c : reachable st ->
  In (Resolved p (Brought c)) (effects st (Pull n)) ->
  exists place, queued_on n st ++ accepted st (Pull n) = (n, place, c) :: queued_on n (after st (Pull n))
    /\ forall i, In i (queued_on n (after st (Pull n))) -> place < place_of i.
Proof.
  intros R I. pose proof (reachable_wellformed R) as W. pose proof (queues_are_in_order n R) as [_ O].
  assert (N : Pull n <> Clear :> op) by discriminate. pose proof (step_did W N) as S.
  cbn [target] in S. destruct S as (ret & s' & es & out & D & A & E). rewrite E in I.
  change (accepted st (Pull n)) with (let_in len lim n (find n (streams st))).
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
    + injection X as <-. destruct J as [J|[]]. injection J as _ ->. destruct W as (L & _).
      rewrite (oldest_queued n st0 _ H L) in O |- *. rewrite let_in_nothing by reflexivity.
      exists place. rewrite app_nil_r. split; [reflexivity|]. intros i I. cbn [map] in O. destruct O as [_ O].
      apply (in_map place_of) in I. eapply rising_in in O; [|exact I]. cbn in O. lia.
    + injection X as <-. destruct J as [J|J];
        [|apply in_map_iff in J; destruct J as (? & J & _); discriminate J].
      injection J as _ ->. destruct W as (L & G & _).
      destruct (oldest_wf len _ H L G) as (_ & _ & L' & _).
      rewrite (@let_in_admits Chunk Err len lim n b a q o os place c q' q'' ins outs H H0).
      change (queued n (Some (PushesWaiting b a q o os))) with (queued n (Some (Idle a Open q : stream))) in *.
      rewrite (@oldest_queued _ Err n a Open q place c q' H L) in O |- *.
      exists place. rewrite queued_crowd, (queued_admit len lim n Open _ _ H0 L'). split; [reflexivity|].
      intros i I. cbn [map] in O. destruct O as [P O]. apply in_app_or in I. destruct I as [I|I].
      * apply (in_map place_of) in I. eapply rising_in in O; [|exact I]. cbn in O. lia.
      * apply in_order_above in I. cbn in P. lia.
    + injection X as <-. destruct J as [J|[J|[]]]; [|discriminate J]. injection J as _ <-.
      exists (S a). rewrite queued_crowd. split; [reflexivity|]. intros i [].
  - exfalso. clear - D J. remember (@None stream) as x eqn:X. remember PULL as e eqn:V.
    destruct D; try discriminate; try contradiction;
    match goal with T : told_at_once _ _ _ _ |- _ => destruct T end;
      (destruct J as [J|J]; [discriminate|contradiction]).
Qed.

End Order.
