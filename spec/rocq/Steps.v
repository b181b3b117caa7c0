(** * One step of the whole registry, and what it reaches *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Did.
Import ListNotations.
Set Implicit Arguments.

Section Steps.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation stream := (stream Chunk Err).
Notation state := (state Chunk Err).
Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation step := (step len d lim).
Notation react := (react len d lim).

Definition after (st : state) (o : op) : state := snd (fst (step st o)).
Definition effects (st : state) (o : op) : list effect := snd (step st o).
Definition rule_of (st : state) (o : op) : rule := fst (fst (step st o)).

(** The state after a program, and everything that it did. *)
Fixpoint run (st : state) (os : list op) : state :=
  match os with [] => st | o :: rest => run (after st o) rest end.
Fixpoint history (st : state) (os : list op) : list effect :=
  match os with [] => [] | o :: rest => effects st o ++ history (after st o) rest end.

(** Reached from the initial state by some program. *)
Inductive reachable : state -> Prop :=
  | reach_initial : reachable initial
  | reach_step st o : reachable st -> reachable (after st o).

(** Which stream an op is about, as what event, and the chunks held besides the one concerned. *)
Definition target (st : state) (o : op) : nat * event * subject Chunk Err * list (handed Chunk) :=
  let hs := held st in
  match o with
  | Create => (next_stream st, CREATE, about, hs)
  | Get n => (n, GET, about, hs)
  | Push n c => (n, PUSH, Subject 0 (Some c) 0 None (next_push st), hs)
  | Pull n => (n, PULL, Subject (next_pull st) None 0 None 0, hs)
  | Close n => (n, CLOSE, about, hs)
  | Error n v => (n, ERROR, Subject 0 None 0 (Some v) 0, hs)
  | IsQueueFull n => (n, IS_QUEUE_FULL, about, hs)
  | Delete n => (n, DELETE, about, hs)
  | Clear => (0, CANCEL_OTHER, about, hs)
  | CancelPull p =>
      match release p hs, waiter_of p (streams st) with
      | Some (h, others), _ =>
          (h_stream h, CANCEL_HANDED, Subject p (Some (h_chunk h)) (h_place h) None 0, others)
      | None, Some (n, _) => (n, CANCEL_WAITING, Subject p None 0 None 0, hs)
      | None, None => (0, CANCEL_OTHER, about, hs)
      end
  | Seen p =>
      match release p hs with
      | Some (h, others) => (h_stream h, SEEN_HANDED, about, others)
      | None => (0, SEEN_OTHER, about, hs)
      end
  | CancelPush p =>
      match pusher_of p (streams st) with
      | Some (n, _) => (n, CANCEL_WAITING_PUSH, Subject 0 None 0 None p, hs)
      | None => (0, CANCEL_OTHER_PUSH, about, hs)
      end
  end.

Definition returned (st : state) (o : op) (b : option bool) : list effect :=
  match o, b with
  | Create, _ => [Returned (Number (next_stream st))]
  | Get n, _ => [Returned (Shown (option_map (view_of len) (find n (streams st))))]
  | _, Some b => [Returned (Truth b)]
  | _, None => []
  end.

Definition new_streams (o : op) := match o with Create => 1 | _ => 0 end.
Definition new_pulls (o : op) := match o with Pull _ => 1 | _ => 0 end.

Lemma silent n (s : option stream) e (sub : subject Chunk Err) : e = CREATE \/ e = GET -> r_returned (react n s e sub) = None.
Proof.
  intros [-> | ->]; cbn -[level_of]; rewrite delta_chosen; destruct (control_of len lim s) as [| |[] []| | | |];
    destruct (level_of lim 0 0); reflexivity.
Qed.

Lemma step_target st o : o <> Clear ->
  let '(n, e, sub, hs) := target st o in
  let r := react n (find n (streams st)) e sub in
  step st o =
    (r_rule r,
     State (new_streams o + next_stream st) (new_pulls o + next_pull st)
       (put n (r_stream r) (streams st)) (hs ++ r_handed r) (begun e (r_returned r) + next_push st),
     returned st o (r_returned r) ++ r_effects r).
Proof.
  destruct st as [ns np ss hs nq]. intros N. destruct o; try congruence; try reflexivity.
  - cbn -[react]. rewrite silent by tauto. reflexivity.
  - cbn -[react]. rewrite silent by tauto. reflexivity.
  - cbn -[react waiter_of]. destruct (release p hs) as [[[] ]|]; [reflexivity|].
    destruct (waiter_of p ss) as [[]|]; reflexivity.
  - cbn -[react waiter_of]. destruct (release p hs) as [[[] ]|]; reflexivity.
  - cbn -[react pusher_of]. destruct (pusher_of p ss) as [[]|]; reflexivity.
Qed.

(** The table of streams. *)
Fixpoint rising (lo hi : nat) (xs : list nat) : Prop :=
  match xs with [] => True | x :: rest => lo <= x < hi /\ rising (S x) hi rest end.

Lemma rising_in lo hi xs x : rising lo hi xs -> In x xs -> lo <= x < hi.
Proof.
  revert lo. induction xs as [|y ys IH]; cbn; [tauto|].
  intros lo [L R] [->|I]; [assumption|]. specialize (IH _ R I). lia.
Qed.

Lemma rising_weaken lo hi lo' hi' xs : rising lo hi xs -> lo' <= lo -> hi <= hi' ->
  rising lo' hi' xs.
Proof.
  revert lo lo'. induction xs as [|y ys IH]; cbn; [tauto|].
  intros lo lo' [L R] ? ?. split; [lia|]. eapply IH; eauto.
Qed.

Lemma rising_snoc lo hi xs x : rising lo hi xs -> lo <= x -> hi <= x -> rising lo (S x) (xs ++ [x]).
Proof.
  revert lo. induction xs as [|y ys IH]; cbn; [lia|].
  intros lo [L R] ? ?. split; [lia|]. apply IH; [assumption|lia|lia].
Qed.

Notation keys ss := (map fst ss).

Lemma find_in n (ss : list (nat * stream)) s : find n ss = Some s -> In (n, s) ss.
Proof.
  induction ss as [|[m x] ss IH]; cbn; [discriminate|].
  destruct (Nat.eqb_spec m n); [intros [= ->]; subst; auto|auto].
Qed.

Lemma in_find n (ss : list (nat * stream)) s lo hi :
  rising lo hi (keys ss) -> In (n, s) ss -> find n ss = Some s.
Proof.
  revert lo. induction ss as [|[m x] ss IH]; cbn; [tauto|].
  intros lo [L R] [E|I].
  - injection E as -> ->. rewrite Nat.eqb_refl. reflexivity.
  - destruct (Nat.eqb_spec m n); [|eauto].
    apply (in_map fst) in I. cbn in I. eapply rising_in in R; [|exact I]. lia.
Qed.

Lemma find_key n (ss : list (nat * stream)) s : find n ss = Some s -> In n (keys ss).
Proof. intros H. apply find_in in H. apply (in_map fst) in H. exact H. Qed.

Lemma find_put_other m n x (ss : list (nat * stream)) : m <> n ->
  find m (put n x ss) = find m ss.
Proof.
  intros N. induction ss as [|[k y] ss IH]; cbn.
  - destruct x; cbn; [|reflexivity]. destruct (Nat.eqb_spec n m); congruence.
  - destruct (Nat.eqb_spec k n).
    + destruct x; cbn; destruct (Nat.eqb_spec k m), (Nat.eqb_spec n m); congruence.
    + cbn. rewrite IH. reflexivity.
Qed.

Lemma find_put n x (ss : list (nat * stream)) lo hi : rising lo hi (keys ss) ->
  find n (put n x ss) = x.
Proof.
  revert lo. induction ss as [|[k y] ss IH]; cbn; intros lo.
  - destruct x; cbn; [rewrite Nat.eqb_refl|]; reflexivity.
  - intros [L R]. destruct (Nat.eqb_spec k n).
    + destruct x; cbn; [rewrite Nat.eqb_refl; reflexivity|].
      destruct (find n ss) eqn:F; [|reflexivity].
      apply find_key in F. eapply rising_in in R; [|exact F]. lia.
    + cbn. destruct (Nat.eqb_spec k n); [congruence|]. eauto.
Qed.

Lemma put_keys n x (ss : list (nat * stream)) lo hi hi' : rising lo hi (keys ss) -> lo <= n ->
  In n (keys ss) \/ x = None \/ n = hi -> hi <= hi' -> (n < hi' \/ x = None) ->
  rising lo hi' (keys (put n x ss)).
Proof.
  revert lo. induction ss as [|[k y] ss IH]; cbn; intros lo.
  - destruct x; cbn; [|auto]. intros _ ? [[]|[|]] ? [|]; try discriminate; subst; lia.
  - intros [L R] Ln C Lh Lx. destruct (Nat.eqb_spec k n).
    + subst. destruct x; cbn; [split; [lia|]|]; eapply rising_weaken; eauto.
    + cbn. split; [lia|]. destruct C as [[|C]|C]; [congruence| |].
      * apply IH; eauto. eapply rising_in in R; [|exact C]. lia.
      * destruct C as [->|C]; [|apply IH; eauto; lia].
        clear - R Lh. revert R. generalize (S k). induction ss as [|[j z] ss IH2]; cbn; [auto|].
        intros lo [L R]. destruct (Nat.eqb_spec j n); cbn.
        -- eapply rising_weaken; eauto; lia.
        -- split; [lia|auto].
Qed.

Lemma put_none_rising n (ss : list (nat * stream)) lo hi : rising lo hi (keys ss) ->
  rising lo hi (keys (put n None ss)).
Proof.
  revert lo. induction ss as [|[k y] ss IH]; cbn; [auto|].
  intros lo [L R]. destruct (k =? n); cbn; [eapply rising_weaken; eauto; lia|auto].
Qed.

Lemma release_some p (hs : list (handed Chunk)) h others : release p hs = Some (h, others) ->
  h_pull h = p /\ In h hs /\ (forall x, In x others -> In x hs).
Proof.
  revert others. induction hs as [|g hs IH]; cbn; [discriminate|].
  destruct (Nat.eqb_spec (h_pull g) p).
  - intros others [= <- <-]. auto.
  - destruct (release p hs) as [[x rest]|]; [|discriminate].
    intros others [= <- <-]. destruct (IH _ eq_refl) as (E & I & A).
    repeat split; auto. intros y [|]; [subst; auto|auto].
Qed.

Lemma waiter_some p (ss : list (nat * stream)) n s : waiter_of p ss = Some (n, s) ->
  In (n, s) ss /\ exists a q qs, s = Waiting a q qs /\ In p (q :: qs).
Proof.
  intros W. apply List.find_some in W. destruct W as [I W]. split; [assumption|].
  cbn in W. destruct s; try discriminate. exists accepted, first, others. split; [reflexivity|].
  apply (existsb_exists (Nat.eqb p) (first :: others)) in W. destruct W as (x & X & E).
  apply Nat.eqb_eq in E. subst. assumption.
Qed.

Lemma pusher_some p (ss : list (nat * stream)) n s : pusher_of p ss = Some (n, s) ->
  In (n, s) ss /\ exists b a q o os, s = PushesWaiting b a q o os /\ In p (map fst (o :: os)).
Proof.
  intros W. apply List.find_some in W. destruct W as [I W]. split; [assumption|].
  unfold pushes_on in W. cbn [snd] in W. destruct s; try discriminate.
  exists closed, accepted, q, first, others. split; [reflexivity|].
  apply existsb_exists in W. destruct W as (x & X & E). apply Nat.eqb_eq in E. subst.
  apply in_map. exact X.
Qed.

End Steps.

Notation keys ss := (map fst ss).
