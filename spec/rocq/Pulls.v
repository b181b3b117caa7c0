(** * What becomes of every pull *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Numbers.
Import ListNotations.
Set Implicit Arguments.

Section Pulls.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation run := (run len d lim).
Notation history := (history len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).

(** The pulls that settle in these effects, each as often as it does, and those abandoned. *)
Definition settled (es : list effect) : list nat :=
  flat_map (fun e => match e with Resolved p _ | Rejected p _ => [p] | _ => [] end) es.
Definition abandoned (es : list effect) : list nat :=
  flat_map (fun e => match e with Abandoned p => [p] | _ => [] end) es.

(** The pulls that wait, and the one whose wait an op ends by cancelling it. *)
Definition waiting (st : state) : list nat :=
  flat_map (fun ns => pulls_of (snd ns)) (streams st).
Definition given_up (st : state) (o : op) : list nat :=
  match o with
  | CancelPull p =>
      match release p (held st), waiter_of p (streams st) with None, Some _ => [p] | _, _ => [] end
  | _ => []
  end.
Fixpoint all_given_up (st : state) (os : list op) : list nat :=
  match os with [] => [] | o :: rest => given_up st o ++ all_given_up (after st o) rest end.

(** How many pulls a program calls. *)
Definition calls (os : list op) := list_sum (map (@new_pulls Chunk Err) os).

(** Pulls counted, each with the weight [g]. *)
Definition count (g : nat -> nat) ps := list_sum (map g ps).

Lemma count_app g xs ys : count g (xs ++ ys) = count g xs + count g ys.
Proof. unfold count. rewrite map_app. apply sum_app. Qed.

Lemma count_cons g x xs : count g (x :: xs) = g x + count g xs.
Proof. reflexivity. Qed.

Lemma count_nil g : count g [] = 0.
Proof. reflexivity. Qed.

Lemma count_remove g p ps : In p ps -> count g (remove_first p ps) + g p = count g ps.
Proof.
  induction ps as [|q ps IH]; cbn [In remove_first]; [tauto|]. intros I.
  destruct (Nat.eqb_spec q p); [subst|]; rewrite ?count_cons; [lia|].
  destruct I as [I|I]; [congruence|]. specialize (IH I). lia.
Qed.

Lemma settled_app xs ys : settled (xs ++ ys) = settled xs ++ settled ys.
Proof. apply flat_map_app. Qed.
Lemma abandoned_app xs ys : abandoned (xs ++ ys) = abandoned xs ++ abandoned ys.
Proof. apply flat_map_app. Qed.

Definition pulls_at (s : option (stream Chunk Err)) := match s with Some x => pulls_of x | None => [] end.

Lemma pulls_at_line a ps : pulls_at (line a ps) = ps.
Proof. destruct ps; reflexivity. Qed.

Lemma settled_all (f : nat -> effect) ps : (forall p, settled [f p] = [p] /\ abandoned [f p] = []) ->
  settled (map f ps) = ps /\ abandoned (map f ps) = [].
Proof.
  intros F. induction ps as [|p ps [S A]]; [split; reflexivity|].
  change (map f (p :: ps)) with ([f p] ++ map f ps).
  rewrite settled_app, abandoned_app, S, A. destruct (F p) as [-> ->]. split; reflexivity.
Qed.

Lemma pulls_at_crowd b a q os : pulls_at (crowd b a q os) = [].
Proof. destruct os; reflexivity. Qed.

Lemma settled_none X (f : X -> effect) xs : (forall x, settled [f x] = [] /\ abandoned [f x] = []) ->
  settled (map f xs) = [] /\ abandoned (map f xs) = [].
Proof.
  intros F. induction xs as [|x xs [S A]]; [split; reflexivity|].
  change (map f (x :: xs)) with ([f x] ++ map f xs).
  rewrite settled_app, abandoned_app, S, A. destruct (F x) as [-> ->]. split; reflexivity.
Qed.

Definition left (s : option (stream Chunk Err)) e (sub : subject Chunk Err) :=
  match e, s with CANCEL_WAITING, Some (Waiting _ _ _) => [of_pull sub] | _, _ => [] end.
Definition called e (sub : subject Chunk Err) := match e with PULL => [of_pull sub] | _ => [] end.

Lemma did_pulls g n sub s e r ret s' es hs : did len d lim n sub s e r ret s' es hs ->
  count g (pulls_at s') + count g (settled es) + count g (abandoned es) + count g (left s e sub)
  = count g (pulls_at s) + count g (called e sub).
Proof.
  intros D; destruct D.
  all: try match goal with |- context [map ?f (?p :: ?ps)] =>
    destruct (@settled_all f (p :: ps)) as [-> ->]; [intros; split; reflexivity|] end.
  all: try match goal with |- context [map ?f (?o :: ?os)] =>
    destruct (settled_none f (o :: os)) as [-> ->]; [intros; split; reflexivity|] end.
  all: try match goal with |- context [?ef :: map ?f ?xs] =>
    change (ef :: map f xs) with ([ef] ++ map f xs); rewrite settled_app, abandoned_app;
    destruct (settled_none f xs) as [-> ->]; [intros; split; reflexivity|] end.
  all: try match goal with T : told_at_once _ _ _ _ |- _ => destruct T end.
  all: try match goal with T : pushed_aside _ _ _ |- _ => destruct T end.
  all: try match goal with I : In _ _ |- _ => pose proof (count_remove g _ _ I) end.
  all: rewrite ?pulls_at_line, ?pulls_at_crowd; cbn [pulls_at pulls_of settled abandoned flat_map app left called].
  all: rewrite ?count_app, ?count_cons, ?count_nil, ?count_app, ?count_cons, ?count_nil in *; try lia.
  destruct e; cbn in H |- *; try contradiction; try lia. subst. cbn. lia.
Qed.

Lemma count_put g n x (ss : list (nat * stream Chunk Err)) :
  count g (flat_map (fun ns => pulls_of (snd ns)) (put n x ss)) + count g (pulls_at (find n ss))
  = count g (flat_map (fun ns => pulls_of (snd ns)) ss) + count g (pulls_at x).
Proof.
  induction ss as [|[m y] ss IH]; cbn [put find].
  - destruct x; cbn [flat_map snd pulls_at]; rewrite ?app_nil_r, ?count_nil; lia.
  - destruct (m =? n); [destruct x|]; cbn [flat_map snd pulls_at] in *;
      rewrite ?count_app, ?count_nil in *; lia.
Qed.

Lemma returned_settles_nothing st o b :
  settled (returned len st o b) = [] /\ abandoned (returned len st o b) = [].
Proof. destruct o, b; split; reflexivity. Qed.

Lemma told_settles_nothing n (s s' : option (stream Chunk Err)) :
  settled (told_writers len lim n s s') = [] /\ abandoned (told_writers len lim n s s') = [].
Proof. unfold told_writers. destruct (_ && _); split; reflexivity. Qed.

Lemma step_pulls g st o : wellformed len d lim st ->
  count g (waiting (after st o)) + count g (settled (effects st o))
    + count g (abandoned (effects st o)) + count g (given_up st o)
  = count g (waiting st) + count g (seq (next_pull st) (new_pulls o)).
Proof.
  intros W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs nq]. clear W. unfold Steps.effects, Steps.after, waiting.
    cbn [step fst snd streams flat_map new_pulls seq next_pull given_up].
    induction ss as [|[n s] ss IH]; [reflexivity|]. cbn [flat_map snd].
    destruct (deletion_did len d lim (n, s)) as (_ & _ & _ & es & E & D).
    pose proof (did_pulls g D) as P. cbn [pulls_at left called fst snd] in P.
    rewrite ?count_nil in *.
    rewrite E, !settled_app, !abandoned_app, !count_app.
    destruct (told_settles_nothing (fst (n, s)) (Some (snd (n, s))) None) as [-> ->].
    rewrite ?count_nil in *. cbn [snd] in *. lia.
  - pose proof (step_did W N) as S.
    assert (L : let '(n, e, sub, hs) := target st o in
      left (find n (streams st)) e sub = given_up st o
      /\ called e sub = seq (next_pull st) (new_pulls o)).
    { destruct W as (_ & _ & K & _). destruct o; cbn; try (split; reflexivity).
      - destruct (release p (held st)) as [[]|]; cbn; [split; reflexivity|].
        destruct (waiter_of p (streams st)) as [[n s]|] eqn:Q; cbn; [|split; reflexivity].
        apply waiter_some in Q. destruct Q as (I & a & q & qs & -> & _).
        erewrite in_find by (exact K || exact I). split; reflexivity.
      - destruct (release p (held st)) as [[]|]; split; reflexivity.
      - destruct (pusher_of p (streams st)) as [[]|]; split; reflexivity. }
    destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & A & E), L as [L1 L2].
    rewrite E, A, !settled_app, !abandoned_app, !count_app.
    destruct (returned_settles_nothing st o ret) as [-> ->].
    destruct (told_settles_nothing n (find n (streams st)) s') as [-> ->].
    pose proof (did_pulls g D) as P. rewrite L1, L2 in P.
    pose proof (count_put g n s' (streams st)) as C. unfold waiting. cbn [streams].
    rewrite !count_nil. lia.
Qed.

Lemma next_pull_after (st : state) o : next_pull (after st o) = new_pulls o + next_pull st.
Proof.
  destruct (clear_or_not o) as [->|N]; [destruct st; reflexivity|].
  pose proof (step_target len d lim st N) as S. destruct (target st o) as [[[n e] sub] hs].
  unfold Steps.after. rewrite S. reflexivity.
Qed.

(** Theorem 4a. Every pull that is called is exactly one of these, and is it once: settled,
    abandoned, given up by its awaiter while it waited, or waiting on a stream that is known.
    (Counted with any weights, so that this holds of each pull by itself.) *)
Theorem every_pull_is_accounted_for g os :
  count g (settled (history initial os)) + count g (abandoned (history initial os))
    + count g (all_given_up initial os) + count g (waiting (run initial os))
  = count g (seq 1 (calls os)).
Proof.
  enough (G : forall st, reachable len d lim st ->
    count g (settled (history st os)) + count g (abandoned (history st os))
    + count g (all_given_up st os) + count g (waiting (run st os))
    = count g (waiting st) + count g (seq (next_pull st) (calls os)))
    by (apply (G initial); constructor).
  induction os as [|o os IH]; intros st R.
  - unfold calls. cbn. lia.
  - assert (R' : reachable len d lim (after st o)) by (constructor; assumption).
    specialize (IH _ R'). pose proof (step_pulls g o (reachable_wellformed R)) as P.
    rewrite next_pull_after in IH.
    cbn [Steps.history Steps.run all_given_up].
    rewrite settled_app, abandoned_app, !count_app.
    change (calls (o :: os)) with (new_pulls o + calls os).
    rewrite seq_app, count_app. rewrite (Nat.add_comm (next_pull st)). lia.
Qed.

Definition only p q := if q =? p then 1 else 0.

Lemma count_only p ps : In p ps <-> 1 <= count (only p) ps.
Proof.
  induction ps as [|q ps IH]; cbn [In]; [rewrite count_nil; lia|].
  rewrite count_cons, IH. unfold only at 2. destruct (Nat.eqb_spec q p); [lia|].
  split; [intros [|]; [congruence|lia]|right; lia].
Qed.

Lemma count_seq p start n : count (only p) (seq start n) <= 1.
Proof.
  assert (Z : forall k from, p < from -> count (only p) (seq from k) = 0).
  { induction k; intros from L; [reflexivity|]. cbn [seq]. rewrite count_cons, IHk by lia.
    unfold only. destruct (Nat.eqb_spec from p); lia. }
  revert start. induction n as [|n IH]; intros start; [rewrite count_nil; lia|].
  cbn [seq]. rewrite count_cons. specialize (IH (S start)). pose proof (Z n (S start)).
  unfold only in *. destruct (Nat.eqb_spec start p); [subst|]; lia.
Qed.

(** Theorem 4b. A pull settles at most once, and not at all if it is abandoned, was given up, or
    still waits. *)
Theorem a_pull_settles_at_most_once p os :
  count (only p) (settled (history initial os)) + count (only p) (abandoned (history initial os))
    + count (only p) (all_given_up initial os) + count (only p) (waiting (run initial os)) <= 1.
Proof. rewrite every_pull_is_accounted_for. apply count_seq. Qed.

Lemma nobody_abandoned st o : wellformed len d lim st -> overlapping_pull d <> overwrite ->
  abandoned (effects st o) = [].
Proof.
  intros W O.
  assert (G : forall n sub (s : option (stream Chunk Err)) e r ret s' es hs,
    did len d lim n sub s e r ret s' es hs -> abandoned es = []).
  { intros n sub s e r ret s' es hs D; destruct D; try reflexivity.
    all: try match goal with
      | |- context [map ?f (?p :: ?ps)] => apply (@settled_all f (p :: ps)); intros; split; reflexivity
      | |- context [map ?f ?os] => apply (settled_none f os); intros; split; reflexivity
      end.
    all: match goal with
      | T : told_at_once _ _ _ _ |- _ => destruct T; reflexivity
      | T : pushed_aside _ _ _ |- _ => destruct T; [reflexivity|congruence]
      end. }
  destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs nq]. clear W. unfold Steps.effects. cbn [step snd].
    induction ss as [|ns' ss IH]; [reflexivity|]. cbn [flat_map].
    destruct (deletion_did len d lim ns') as (_ & _ & _ & es & E & D).
    rewrite E, !abandoned_app, (G _ _ _ _ _ _ _ _ _ D), IH.
    destruct (told_settles_nothing (fst ns') (Some (snd ns')) None) as [_ ->]. reflexivity.
  - pose proof (step_did W N) as S. destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & A & E).
    rewrite E, !abandoned_app, (G _ _ _ _ _ _ _ _ _ D).
    destruct (returned_settles_nothing st o ret) as [_ ->].
    destruct (told_settles_nothing n (find n (streams st)) s') as [_ ->]. reflexivity.
Qed.

(** Theorem 4c. In every dialect but those with overwrite, a pull that was called has settled, or
    was given up, or waits on a stream that is known. *)
Theorem no_pull_dangles p os : overlapping_pull d <> overwrite -> 1 <= p <= calls os ->
  In p (settled (history initial os)) \/ In p (all_given_up initial os)
  \/ In p (waiting (run initial os)).
Proof.
  intros O C. rewrite !count_only. pose proof (every_pull_is_accounted_for (only p) os) as E.
  assert (A : forall st, reachable len d lim st -> abandoned (history st os) = []).
  { clear E C. induction os as [|o rest IH]; intros st R; [reflexivity|].
    cbn [Steps.history]. rewrite abandoned_app, IH by (constructor; assumption).
    rewrite nobody_abandoned by (assumption || exact (reachable_wellformed R)). reflexivity. }
  rewrite A in E by constructor. rewrite count_nil in E.
  assert (I : In p (seq 1 (calls os))) by (apply in_seq; lia).
  apply count_only in I. lia.
Qed.

(** After a clear nothing waits, so that by the theorem before no pull is left dangling. *)
Theorem nothing_waits_after_clear st : waiting (after st Clear) = [].
Proof. destruct st. reflexivity. Qed.

(** Theorem 4d. With overwrite one can: the first of two pulls on a stream with nothing queued
    never settles, whatever happens afterwards. *)
Theorem overwrite_lets_a_pull_dangle os : overlapping_pull d = overwrite ->
  ~ In 1 (settled (history initial ([Create; Pull 1; Pull 1] ++ os))).
Proof.
  intros O I. apply count_only in I.
  pose proof (a_pull_settles_at_most_once 1 ([Create; Pull 1; Pull 1] ++ os)) as M.
  assert (A : In 1 (abandoned (history initial ([Create; Pull 1; Pull 1] ++ os)))).
  { cbn [app Steps.history]. rewrite !abandoned_app, !in_app_iff. right. right. left.
    unfold Steps.effects, Steps.after. cbn -[level_of]. destruct (level_zero lim 0) as [N1 N2].
    destruct (level_of lim 0 0) eqn:L; try congruence; cbn -[level_of]; rewrite ?L; cbn -[level_of];
      rewrite ?O; cbn; auto. }
  apply count_only in A. lia.
Qed.

End Pulls.
