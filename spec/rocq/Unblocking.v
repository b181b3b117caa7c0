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
Notation run := (run len d lim).

(** Whether stream [n] is blocked: open, not errored and full. *)
Definition is_blocked (st : state Chunk Err) n := blocked len lim (find n (streams st)).

Lemma did_tells_nobody n sub (s : option (stream Chunk Err)) e r ret s' es hs m :
  did len d lim n sub s e r ret s' es hs -> ~ In (Unblocked m) es.
Proof.
  assert (A : forall X (f : X -> effect Chunk Err), (forall p, f p <> Unblocked m) ->
    forall ps, ~ In (Unblocked m) (map f ps)).
  { intros X f F ps I. apply in_map_iff in I. destruct I as (p & E & _). exact (F p E). }
  intros D; destruct D;
    match goal with
    | |- ~ In _ (Resolved _ _ :: map _ _) => intros [|J]; [discriminate|]; revert J; apply A; discriminate
    | |- context [map] => apply A; discriminate
    | |- ~ In _ [] => intros []
    | T : told_at_once _ _ _ _ |- _ => destruct T; intros [|[]]; discriminate
    | T : pushed_aside _ _ _ |- _ => destruct T; intros [|[]]; discriminate
    | _ => cbn; intuition discriminate
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
  - destruct st as [ns np ss hs nq]. destruct W as (_ & _ & K & _). unfold is_blocked, Steps.effects. cbn.
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
  - pose proof (step_did W N) as S. destruct W as (_ & _ & K & _).
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
  - destruct st as [ns np ss hs nq], W as (_ & _ & K & _).
    exact (proj1 (clear_tells_each_once _ _ _ K)).
  - pose proof (step_did W N) as S. destruct (target st o) as [[[n e] sub] hs].
    destruct S as (ret & s' & es & out & D & _ & ->). rewrite told_app, told_nobody.
    + destruct (@told_by_event n (find n (streams st)) s' es) as [-> | ->];
        [intros m; exact (did_tells_nobody m D)|constructor|repeat constructor; intros []].
    + intros m. apply returned_tells_nobody.
Qed.

(** ** What writers may count on *)

(** A push would be accepted, and the queue is not full: as the registry itself says when asked. *)
Definition has_room (st : state Chunk Err) n :=
  effects st (IsQueueFull n) = [Returned (Truth false)] /\
  forall c, hd_error (effects st (Push n c)) = Some (Returned (Truth true)).

(** The stream is unknown, closed or errored. *)
Definition no_more (s : option (stream Chunk Err)) : Prop :=
  match s with
  | Some (Waiting _ _ _) | Some (Idle _ Open _) | Some (PushesWaiting false _ _ _ _) => False
  | _ => True
  end.
Definition is_over (st : state Chunk Err) n := no_more (find n (streams st)).

Lemma blocked_open a q : blocked len lim (Some (Idle a Open q) : option (stream Chunk Err))
  = negb (room_at (level_of lim (length (chunks q)) (size len q))).
Proof.
  unfold blocked. cbn [control_of phase_of]. destruct (level_of lim (length (chunks q)) (size len q)); reflexivity.
Qed.

Lemma blocked_pushes b a q o os :
  blocked len lim (Some (PushesWaiting b a q o os) : option (stream Chunk Err)) = negb b.
Proof.
  unfold blocked. cbn [control_of]. destruct b, (level_of lim (length (chunks q)) (size len q)); reflexivity.
Qed.

Lemma open_has_room st n a q : find n (streams st) = Some (Idle a Open q) ->
  is_blocked st n = false -> has_room st n.
Proof.
  destruct st as [ns np ss hs nq]. unfold is_blocked, has_room, Steps.effects, blocked.
  cbn [streams step snd on_stream]. intros -> B. unfold react. cbn -[level_of level_after chunks size] in *.
  destruct (level_of lim (length (chunks q)) (size len q)); try discriminate; split; reflexivity.
Qed.

Lemma waiting_has_room st n a p ps : find n (streams st) = Some (Waiting a p ps) -> has_room st n.
Proof.
  destruct st as [ns np ss hs nq]. unfold has_room, Steps.effects.
  cbn [streams step snd on_stream]. intros ->. split; reflexivity.
Qed.

(** Theorem 9a. Blocked is a stream exactly where there is no room and it is not over. *)
Theorem blocked_where_there_is_no_room st n :
  is_blocked st n = true <-> ~ has_room st n /\ ~ is_over st n.
Proof.
  split.
  - intros B. unfold is_over. destruct (find n (streams st)) as [[a p ps|a s q|[] a q o os]|] eqn:F;
      unfold is_blocked in B; rewrite F in B; try discriminate B;
      try (rewrite blocked_pushes in B; discriminate B); unfold blocked in B.
    + destruct s as [| |v []]; try discriminate B. split; [|intros []]. intros [H _]. revert H.
      destruct st as [ns np ss hs nq]. cbn [streams] in F. unfold Steps.effects.
      cbn [streams step snd on_stream]. rewrite F. unfold react.
      cbn -[level_of level_after chunks size] in *.
      destruct (level_of lim (length (chunks q)) (size len q)); discriminate.
    + split; [|intros []]. intros [H _]. revert H. destruct st as [ns np ss hs nq].
      cbn [streams] in F. unfold Steps.effects. cbn [streams step snd on_stream]. rewrite F.
      unfold react. cbn -[level_of level_after chunks size] in *.
      destruct (level_of lim (length (chunks q)) (size len q)); discriminate.
  - intros [R O]. unfold is_over in O. destruct (is_blocked st n) eqn:B; [reflexivity|].
    destruct (find n (streams st)) as [[a p ps|a [] q|[] a q o os]|] eqn:F; try destruct (O I).
    + destruct R. exact (waiting_has_room _ _ F).
    + destruct R. exact (open_has_room _ _ F B).
    + unfold is_blocked in B. rewrite F, blocked_pushes in B. discriminate B.
Qed.

(** Theorem 9b. Once writers are told there is room, or the stream is over. *)
Theorem told_of_room_or_of_the_end st o n : reachable st -> In (Unblocked n) (effects st o) ->
  has_room (after st o) n \/ is_over (after st o) n.
Proof.
  intros R T. apply (told_exactly_when_unblocked o n R) in T. destruct T as [_ B].
  unfold is_over. destruct (find n (streams (after st o))) as [[a p ps|a [] q|[] a q x os]|] eqn:F;
    try (right; exact I); left.
  - exact (waiting_has_room _ _ F).
  - exact (open_has_room _ _ F B).
  - unfold is_blocked in B. rewrite F, blocked_pushes in B. discriminate B.
Qed.

Lemma did_unblock n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs -> blocked len lim s = true -> blocked len lim s' = false ->
  match e with
  | PULL => (exists a q, s' = Some (Idle a Open q)) \/ exists a p, s' = Some (Waiting a p [])
  | CLOSE | ERROR | DELETE => no_more s'
  | _ => False
  end.
Proof.
  intros D B B'. destruct D; try (rewrite B in B'; discriminate B'); try discriminate B; try exact I.
  - exfalso. rewrite blocked_open in B, B'. rewrite level_append in B'. apply negb_true_iff in B.
    rewrite (level_more _ B) in B' by lia. discriminate B'.
  - destruct st; try discriminate B; [eauto|destruct closed; discriminate B].
  - right. do 2 eexists. reflexivity.
  - exfalso. destruct st as [| |v []]; try discriminate B. rewrite blocked_open in B, B'.
    rewrite level_insert in B'. apply negb_true_iff in B.
    rewrite (level_more _ B) in B' by lia. discriminate B'.
  - exfalso. unfold crowd in B'. destruct os; cbn [app] in B'; rewrite blocked_pushes in B'; discriminate B'.
  - rewrite blocked_pushes in B. destruct b; [discriminate B|].
    left. destruct outs; [exists (a + length ins), q''; reflexivity|].
    unfold crowd in B'. rewrite blocked_pushes in B'. discriminate B'.
  - rewrite blocked_pushes in B. destruct b; [discriminate B|].
    left. destruct os; [exists (S a), no_chunks; reflexivity|].
    unfold crowd in B'. rewrite blocked_pushes in B'. discriminate B'.
  - rewrite blocked_pushes in B. destruct b; [discriminate B|].
    exfalso. destruct (without_push _ _); unfold crowd in B'; [|rewrite blocked_pushes in B'; discriminate B'].
    cbn [open_or] in B'. rewrite blocked_open, H in B'. discriminate B'.
  - rewrite blocked_pushes in B, B'. congruence.
Qed.

(** Theorem 9c. Of room a pull on the stream tells; close, error, delete and clear tell of the end.
    No other op tells anything. *)
Theorem a_pull_tells_of_room_the_rest_of_the_end st o n : reachable st ->
  In (Unblocked n) (effects st o) ->
  match o with
  | Pull m => m = n /\ has_room (after st o) n
  | Close m | Error m _ | Delete m => m = n /\ is_over (after st o) n
  | Clear => is_over (after st o) n
  | _ => False
  end.
Proof.
  intros R T. pose proof (reachable_wellformed R) as W. apply (told_exactly_when_unblocked o n R) in T.
  destruct (clear_or_not o) as [->|N]; [destruct st; exact I|].
  pose proof (step_did W N) as S. destruct W as (_ & _ & K & _). destruct T as [B B'].
  destruct (target st o) as [[[m e] sub] hs] eqn:E. destruct S as (ret & s' & es & out & D & A & _).
  unfold is_over. unfold is_blocked in B, B'.
  destruct (Nat.eq_dec n m) as [->|M].
  - rewrite A in *. cbn [streams] in *. erewrite find_put in * by exact K.
    pose proof (did_unblock D B B') as U.
    destruct o; cbn [target] in E; try congruence; try (injection E as <- <- <- <-; tauto).
    + injection E as <- <- <- <-. split; [reflexivity|]. destruct U as [(a & q & ->)|(a & p & ->)].
      * eapply open_has_room; [cbn [streams]; eapply find_put; exact K|].
        unfold is_blocked. cbn [streams]. erewrite find_put by exact K. exact B'.
      * eapply waiting_has_room. cbn [streams]. eapply find_put. exact K.
    + destruct (release p (held st)) as [[]|]; [injection E as <- <- <- <-; exact U|].
      destruct (waiter_of p (streams st)) as [[]|]; injection E as <- <- <- <-; exact U.
    + destruct (release p (held st)) as [[]|]; injection E as <- <- <- <-; exact U.
    + destruct (pusher_of p (streams st)) as [[]|]; injection E as <- <- <- <-; exact U.
  - rewrite A in B'. cbn [streams] in B'. rewrite find_put_other in B' by exact M. congruence.
Qed.

(** Theorem 9f. Where a limit is zero, an open stream is blocked exactly where no pull waits: a pull that
    waits is all the room that there is. *)
Theorem unbuffered_is_blocked_unless_a_pull_waits (st : state Chunk Err) n :
  room_at (level_of lim 0 0) = false ->
  is_blocked st n = match find n (streams st) with
    | Some (Idle _ Open _) | Some (PushesWaiting false _ _ _ _) => true | _ => false end.
Proof.
  intros Z. unfold is_blocked. destruct (find n (streams st)) as [[a p ps|a [] q|[] a q o os]|]; try reflexivity.
  - rewrite blocked_open, (level_more _ Z); [reflexivity|lia|lia].
  - unfold blocked. cbn [control_of phase_of]. destruct closed; reflexivity.
  - apply blocked_pushes.
  - apply blocked_pushes.
Qed.

Lemma reachable_run os (st : state Chunk Err) : reachable st -> reachable (run st os).
Proof. revert st. induction os as [|o os IH]; intros st R; [exact R|]. apply IH. constructor. exact R. Qed.

(** Where it changes along a program whether a stream is blocked, some op changes it. *)
Lemma blocked_changes n os st : is_blocked (run st os) n <> is_blocked st n ->
  exists before o rest, os = before ++ o :: rest
    /\ is_blocked (run st before) n = is_blocked st n
    /\ is_blocked (after (run st before) o) n = is_blocked (run st os) n.
Proof.
  revert st. induction os as [|o os IH]; intros st C; [destruct (C eq_refl)|].
  cbn [Steps.run] in C. destruct (Bool.bool_dec (is_blocked (after st o) n) (is_blocked st n)) as [E|E].
  - destruct (IH (after st o)) as (before & x & rest & -> & B & A); [congruence|].
    exists (o :: before), x, rest. cbn [Steps.run]. repeat split; [congruence|exact A].
  - exists [], o, os. cbn [Steps.run]. repeat split.
    destruct (is_blocked (after st o) n), (is_blocked st n), (is_blocked (run (after st o) os) n); congruence.
Qed.

(** Theorem 9d. No telling is missed: if a stream is blocked and later is not, some op on the way
    told its writers. *)
Theorem no_telling_is_missed st os n : reachable st ->
  is_blocked st n = true -> is_blocked (run st os) n = false ->
  exists before o rest, os = before ++ o :: rest /\ In (Unblocked n) (effects (run st before) o).
Proof.
  intros R B B'. destruct (blocked_changes n os st) as (before & o & rest & E & X & Y); [congruence|].
  exists before, o, rest. split; [exact E|].
  apply told_exactly_when_unblocked; [apply reachable_run, R|]. split; congruence.
Qed.

(** Theorem 9e. Between two tellings of one stream it was blocked again, by some op on the way. *)
Theorem blocked_again_between_two_tellings st o os o' n : reachable st ->
  In (Unblocked n) (effects st o) -> In (Unblocked n) (effects (run (after st o) os) o') ->
  exists before x rest, os = before ++ x :: rest
    /\ is_blocked (run (after st o) before) n = false
    /\ is_blocked (after (run (after st o) before) x) n = true.
Proof.
  intros R T T'. assert (R' : reachable (after st o)) by (constructor; exact R).
  apply (told_exactly_when_unblocked o n R) in T.
  apply (told_exactly_when_unblocked o' n (reachable_run os R')) in T'.
  destruct (blocked_changes n os (after st o)) as (before & x & rest & E & X & Y); [intuition congruence|].
  exists before, x, rest. split; [exact E|]. split; intuition congruence.
Qed.

End Unblocking.
