(** * How much is queued *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Fifo.
Import ListNotations.
Set Implicit Arguments.

Section Bounds.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation state := (state Chunk Err).
Notation reachable := (reachable len d lim).
Notation run := (run len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).
Notation bytes cs := (list_sum (map len cs)).

(** Of what was never taken: nothing, or no more than the limits allow, but for the newest chunk's
    length. *)
Definition bounded (q : queue Chunk) : Prop :=
  fresh q = [] \/
  length (fresh q) <= max_queue_chunks lim /\ bytes (removelast (fresh q)) < high_water_mark lim.

Definition bounded_at (s : option (stream Chunk Err)) : Prop :=
  match s with Some (Idle _ _ q | PushesWaiting _ _ q _ _) => bounded q | _ => True end.

Lemma bounded_nothing : bounded no_chunks.
Proof. left. reflexivity. Qed.

Lemma not_full q : room_at (level_of lim (length (chunks q)) (size len q)) = true ->
  length (chunks q) < max_queue_chunks lim /\ size len q < high_water_mark lim.
Proof.
  unfold level_of. destruct (length (chunks q) =? 0);
    destruct (Nat.leb_spec (high_water_mark lim) (size len q));
    destruct (Nat.leb_spec (max_queue_chunks lim) (length (chunks q))); cbn; intros; try congruence;
    split; assumption.
Qed.

Lemma bounded_oldest a q g q' : bounded q -> oldest a q = Some (g, q') -> bounded q'.
Proof.
  destruct q as [[|x gs] [|f [|f' fs]]]; unfold bounded; cbn -[removelast]; intros B H;
    inversion H; subst; cbn -[removelast]; try assumption; try (left; reflexivity).
  - destruct B as [B|[B1 B2]]; [discriminate B|]. right. split; [lia|]. cbn [removelast map list_sum fold_right] in *. unfold list_sum in *.
    cbn [map fold_right] in B2. lia.
Qed.

Lemma bounded_append q c : room_at (level_of lim (length (chunks q)) (size len q)) = true ->
  bounded (append q c).
Proof.
  intros F. destruct (not_full q F) as [C S]. right. unfold append, size, chunks in *.
  cbn [fresh]. rewrite removelast_last, app_length in *. rewrite map_app, sum_app in S.
  cbn [length]. lia.
Qed.

Lemma bounded_admit (os : list (nat * Chunk)) : forall q q' ins outs,
  admitting len lim q os = (q', ins, outs) -> bounded q -> bounded q'.
Proof.
  induction os as [|o os IH]; cbn [admitting]; intros q q' ins outs A B; [injection A as <- <- <-; exact B|].
  destruct (room_at (level_of lim (length (chunks q)) (size len q))) eqn:L;
    [|injection A as <- <- <-; exact B].
  destruct (admitting len lim (append q (snd o)) os) as [[x y] z] eqn:E; injection A as <- <- <-.
  exact (IH _ _ _ _ E (bounded_append _ _ L)).
Qed.

Lemma bounded_crowd b a q os : bounded_at (crowd b a q os) <-> bounded q.
Proof. destruct os; cbn; tauto. Qed.

(** Pushing to a blocked stream, where that is accepted, is all that breaks the bound. *)
Lemma did_bounded n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs ->
  (e = PUSH -> blocked len lim s = true -> push_when_full d <> accept) ->
  bounded_at s -> bounded_at s'.
Proof.
  intros D P B. destruct D; rewrite ?bounded_crowd in *; cbn [bounded_at] in *; try assumption; try exact bounded_nothing; try exact I.
  all: try (unfold line; match goal with |- context [match ?l with _ => _ end] => destruct l end;
    first [exact I|exact bounded_nothing]).
  - apply bounded_append. destruct (room_at _) eqn:F; [reflexivity|]. exfalso.
    apply P; [reflexivity| |exact (H1 eq_refl)]. rewrite blocked_open, F. reflexivity.
  - eapply bounded_oldest; eauto.
  - eapply bounded_admit; [eassumption|]. eapply bounded_oldest; eauto.
  - subst q'. destruct (drops r); [exact bounded_nothing|exact B].
Qed.

Lemma pushes (st : state) o : snd (fst (fst (target st o))) = PUSH ->
  exists c, o = Push (fst (fst (fst (target st o)))) c.
Proof.
  destruct o; cbn; try discriminate; [eauto| | |].
  - destruct (release p (held st)) as [[]|]; [discriminate|].
    destruct (waiter_of p (streams st)) as [[]|]; discriminate.
  - destruct (release p (held st)) as [[]|]; discriminate.
  - destruct (pusher_of p (streams st)) as [[]|]; discriminate.
Qed.

Lemma step_bounded n (st : state) o : reachable st ->
  (forall c, o = Push n c -> blocked len lim (find n (streams st)) = true ->
     push_when_full d <> accept) ->
  bounded_at (find n (streams st)) -> bounded_at (find n (streams (after st o))).
Proof.
  intros R P B. destruct (clear_or_not o) as [->|N]; [destruct st; exact I|].
  destruct (Nat.eq_dec n (about_stream st o)) as [E|M].
  - pose proof (reachable_wellformed R) as W. pose proof (step_did W N) as S.
    pose proof (pushes st o) as Q. unfold about_stream in E. destruct W as (_ & _ & K & _).
    destruct (target st o) as [[[k e] sub] hs]. cbn [fst snd] in *. subst k.
    destruct S as (ret & s' & es & out & D & A & _). rewrite A. cbn [streams].
    erewrite find_put by exact K. apply (did_bounded D); [|exact B].
    intros V. destruct (Q V) as [c C]. exact (P c C).
  - rewrite (others_are_left_alone R N M). exact B.
Qed.

(** Theorem 7a. Where a full queue refuses, or has pushes wait, what was pushed and never taken is at most
    [max_queue_chunks] chunks, and all but the newest are fewer than [high_water_mark] bytes,
    whatever the producer does. (Besides that a queue holds only what cancelled pulls gave back.) *)
Theorem refusing_bounds_the_queue (st : state) n : push_when_full d <> accept ->
  reachable st -> bounded_at (find n (streams st)).
Proof.
  intros P R. induction R as [|st o R IH]; [exact I|]. apply step_bounded; auto.
Qed.

(** The producer on stream [n] looks before it pushes: it pushes only where [IsQueueFull] would
    return false. *)
Definition sees_room n (st : state) : Prop := effects st (IsQueueFull n) = [Returned (Truth false)].
Fixpoint looks_first n (st : state) (os : list op) : Prop :=
  match os with
  | [] => True
  | o :: rest => (forall c, o = Push n c -> sees_room n st) /\ looks_first n (after st o) rest
  end.

Lemma room_is_not_blocked n (st : state) : sees_room n st -> blocked len lim (find n (streams st)) = false.
Proof.
  destruct st as [ns np ss hs nq]. unfold sees_room, Steps.effects, blocked.
  cbn -[control_of level_after]. destruct (control_of _ _ _) as [| |[] []| | | |]; cbn; congruence.
Qed.

Lemma looking_bounds n os (st : state) : reachable st -> looks_first n st os ->
  bounded_at (find n (streams st)) -> bounded_at (find n (streams (run st os))).
Proof.
  revert st. induction os as [|o os IH]; intros st R; [intros _ B; exact B|]. intros [L Ls] B.
  apply IH; [constructor; exact R|exact Ls|]. apply step_bounded; [exact R| |exact B].
  intros c E F. rewrite (room_is_not_blocked (L c E)) in F. discriminate.
Qed.

(** Theorem 7b. Where the producer looks before it pushes, the same bound holds in every dialect. *)
Theorem looking_bounds_the_queue n os : looks_first n initial os ->
  bounded_at (find n (streams (run initial os))).
Proof. intros L. apply looking_bounds; [constructor|exact L|exact I]. Qed.

Definition given_back_at (s : option (stream Chunk Err)) :=
  match s with Some (Idle _ _ q | PushesWaiting _ _ q _ _) => given_back q | _ => [] end.

Lemma nothing_given_back_crowd b a q os : given_back_at (crowd b a q os) = given_back q.
Proof. destruct os; reflexivity. Qed.

Lemma did_gives_nothing_back n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs -> e <> CANCEL_HANDED ->
  given_back_at s = [] -> given_back_at s' = [].
Proof.
  intros D N B. destruct D; try congruence; rewrite ?nothing_given_back_crowd in *;
    unfold append in *; cbn [given_back_at given_back no_chunks] in *; auto;
    try (unfold line; match goal with |- context [match ?l with _ => _ end] => destruct l end; reflexivity).
  - destruct q as [gs [|f fs]]; cbn [given_back] in B; subst gs;
      match goal with H : oldest _ _ = _ |- _ => inversion H end. reflexivity.
  - destruct (admit_spec _ _ _ _ H0) as (_ & -> & _). destruct q as [gs [|f fs]];
      cbn [given_back] in B; subst gs; inversion H. reflexivity.
  - subst q'. destruct (drops r); [reflexivity|exact B].
Qed.

Lemma nothing_given_back n os (st : state) : reachable st -> no_cancels os ->
  given_back_at (find n (streams st)) = [] -> given_back_at (find n (streams (run st os))) = [].
Proof.
  revert st. induction os as [|o os IH]; intros st R C B; [exact B|]. apply IH.
  - constructor. exact R.
  - intros p I. destruct (C p). right. exact I.
  - destruct (clear_or_not o) as [->|N]; [destruct st; reflexivity|].
    destruct (Nat.eq_dec n (about_stream st o)) as [E|M].
    + assert (C0 : forall p, o <> CancelPull p) by (intros p ->; destruct (C p); left; reflexivity).
      pose proof (target_order (reachable_wellformed R) N C0) as T. unfold about_stream in E.
      pose proof (reachable_wellformed R) as (_ & _ & K & _).
      destruct (target st o) as [[[k e] sub] hs]. cbn [fst] in E. subst k.
      destruct T as (X & _ & ret & s' & es & out & D & A & _). rewrite A.
      erewrite find_put by exact K. exact (did_gives_nothing_back D X B).
    + rewrite (others_are_left_alone R N M). exact B.
Qed.

(** Theorem 7c. Where a full queue refuses or has pushes wait, or the producer looks, and no pull is cancelled, all that
    is shown as queued is at most [max_queue_chunks] chunks, and at most [high_water_mark - 1] bytes
    plus the newest chunk. *)
Theorem the_whole_queue_is_bounded n os : no_cancels os ->
  push_when_full d <> accept \/ looks_first n initial os ->
  let cs := shown len n (run initial os) in
  length cs <= max_queue_chunks lim
  /\ forall older newest, cs = older ++ [newest] -> bytes cs <= high_water_mark lim - 1 + len newest.
Proof.
  intros C L cs. assert (B : bounded_at (find n (streams (run initial os)))).
  { destruct L as [L|L]; [|apply looking_bounds; [constructor|exact L|exact I]].
    exact (refusing_bounds_the_queue n L (reachable_run os (reach_initial _ _ _))). }
  pose proof (nothing_given_back n (reach_initial len d lim) C eq_refl) as G.
  unfold cs, shown. clear - G B.
  destruct (find n (streams (run initial os))) as [[|a s q|a q o offers]|].
  1, 4: split; [cbn; lia|intros [|] ?; discriminate].
  all: rewrite ?shown_idle; cbn [Order.shown_of view_of v_queue]; unfold chunks;
    cbn [given_back_at bounded_at] in G, B; rewrite G; cbn [map app];
    (destruct B as [B|[B1 B2]]; [rewrite B; split; [cbn; lia|intros [|] ? E; discriminate E]|]);
    (split; [exact B1|]); intros older newest E; rewrite E in *;
    rewrite removelast_last in B2; rewrite map_app, sum_app; cbn; lia.
Qed.

Definition filled c k : state := State 2 1 [(1, Idle k Open (Queue [] (repeat c k)))] [] 1.

Lemma fuller count bytes more : room_at (level_of lim count bytes) = false ->
  level_of lim (S count) (bytes + more) = FULL.
Proof.
  unfold level_of. destruct (count =? 0); cbn [Nat.eqb];
  destruct (Nat.leb_spec (high_water_mark lim) bytes), (Nat.leb_spec (max_queue_chunks lim) count),
    (Nat.leb_spec (high_water_mark lim) (bytes + more)),
    (Nat.leb_spec (max_queue_chunks lim) (S count)); cbn; (reflexivity || discriminate || lia).
Qed.

Lemma accepts_any z level after others : push_when_full d = accept ->
  (room_at level = false -> after = FULL) ->
  exists r, delta d z (At OPEN level) PUSH after others = To r (At OPEN after) [APPEND] (Some true).
Proof.
  intros P F. destruct level; try (eexists; reflexivity); rewrite (F eq_refl); unfold delta; cbn; rewrite P;
    eexists; reflexivity.
Qed.

Lemma fill c k : push_when_full d = accept ->
  effects (filled c k) (Push 1 c) = [Returned (Truth true)]
  /\ after (filled c k) (Push 1 c) = filled c (S k).
Proof.
  intros P. destruct (accepts_any (level_of lim 0 0) _ false P (fuller (length (repeat c k)) (bytes (repeat c k)) (len c)))
    as [r E].
  assert (R : react len d lim 1 (Some (Idle k Open (Queue [] (repeat c k)) : stream Chunk Err)) PUSH
      (Subject 0 (Some c) 0 None 1)
    = Reaction r (Some true) (Some (Idle (S k) Open (Queue [] (repeat c (S k))))) [] []).
  { change (repeat c (S k)) with (c :: repeat c k). rewrite repeat_cons. unfold react.
    match goal with |- context [delta d ?n ?x ?y ?z ?w] => change (delta d n x y z w) with
      (delta d (level_of lim 0 0) (At OPEN (level_of lim (length (repeat c k)) (bytes (repeat c k)))) PUSH
        (level_of lim (S (length (repeat c k))) (bytes (repeat c k) + len c)) false) end.
    rewrite E. reflexivity. }
  unfold Steps.effects, Steps.after, filled, step, on_stream. cbn [streams find Nat.eqb].
  rewrite R. split; reflexivity.
Qed.

(** Theorem 7d. Where a full queue accepts and the producer does not look, nothing bounds a queue:
    for every number [k] there is a program that pushes [k] chunks, has every one accepted, and
    leaves all of them queued. *)
Theorem accepting_bounds_nothing c k : push_when_full d = accept ->
  let os : list op := Create :: repeat (Push 1 c) k in
  history len d lim initial os = Returned (Number 1) :: repeat (Returned (Truth true)) k
  /\ shown len 1 (run initial os) = repeat c k.
Proof.
  intros P os. assert (G : forall j, history len d lim (filled c j) (repeat (Push 1 c) k)
      = repeat (Returned (Truth true)) k /\ run (filled c j) (repeat (Push 1 c) k) = filled c (k + j)).
  { induction k as [|k' IH]; intros j; [split; reflexivity|]. destruct (fill c j P) as [E A].
    cbn [repeat Steps.history Steps.run]. rewrite E, A. destruct (IH (S j)) as [-> ->].
    split; [reflexivity|]. rewrite Nat.add_succ_r. reflexivity. }
  destruct (G 0) as [H R]. unfold os. cbn [Steps.history Steps.run].
  change (after initial Create) with (filled c 0). rewrite H, R, Nat.add_0_r. split; reflexivity.
Qed.

(** ** A limit of zero *)

Definition unbuffered := max_queue_chunks lim = 0 \/ high_water_mark lim = 0.
Definition never_taken (s : option (stream Chunk Err)) := fresh (queue_of s).

(** Theorem 7e. Where a limit is zero, and a full queue refuses or has pushes wait, nothing is ever
    queued but what cancelled pulls gave back. *)
Theorem a_limit_of_zero_queues_nothing (st : state) n : push_when_full d <> accept -> unbuffered ->
  reachable st -> never_taken (find n (streams st)) = [].
Proof.
  intros P Z R. pose proof (refusing_bounds_the_queue n P R) as B. unfold never_taken.
  destruct (find n (streams st)) as [[|a s q|closed a q o os]|]; cbn in *; try reflexivity;
    (destruct B as [B|[B1 B2]]; [exact B|]); destruct (fresh q); try reflexivity;
    destruct Z as [Z|Z]; rewrite Z in *; cbn in *; lia.
Qed.

(** Theorem 7f. And where no pull is cancelled, nothing at all. *)
Theorem a_limit_of_zero_shows_nothing n (os : list op) : push_when_full d <> accept -> unbuffered -> no_cancels os ->
  shown len n (run initial os) = [].
Proof.
  intros P Z C. destruct (the_whole_queue_is_bounded n C (or_introl P)) as [L B].
  destruct (shown len n (run initial os)) as [|c cs] eqn:E; [reflexivity|].
  pose proof (a_limit_of_zero_queues_nothing n P Z (reachable_run os (reach_initial _ _ _))) as N.
  pose proof (nothing_given_back n (reach_initial len d lim) C eq_refl) as G. exfalso.
  unfold shown, never_taken in *. destruct (find n (streams (run initial os))) as [[|a s q|a q o offers]|];
    try discriminate E; rewrite ?shown_idle in E; cbn in E, N, G; unfold chunks in E;
    rewrite G, N in E; discriminate E.
Qed.

End Bounds.
