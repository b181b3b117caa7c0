(** * First in, first out: no chunk is lost, doubled or invented *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Numbers.
Import ListNotations.
Set Implicit Arguments.

Section Chunks.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation run := (run len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).

(** A chunk in its place: stream, place in the order of accepted pushes there, chunk. *)
Notation item := (nat * nat * Chunk)%type.

Fixpoint in_order n from (cs : list Chunk) : list item :=
  match cs with [] => [] | c :: rest => (n, S from, c) :: in_order n (S from) rest end.

(** What is queued on stream [n], oldest first. *)
Definition queued n (s : option (stream Chunk Err)) : list item :=
  match s with
  | Some (Idle a _ q) | Some (PushesWaiting _ a q _ _) => map (fun g => (n, fst g, snd g)) (given_back q)
      ++ in_order n (a - length (fresh q)) (fresh q)
  | _ => []
  end.
Definition item_of (h : handed Chunk) : item := (h_stream h, h_place h, h_chunk h).
Definition all_queued (st : state) := flat_map (fun ns => queued (fst ns) (Some (snd ns))) (streams st).
Definition all_held (st : state) := map item_of (held st).

Definition accepted_of (s : option (stream Chunk Err)) :=
  match s with Some (Waiting a _ _ | Idle a _ _ | PushesWaiting _ a _ _ _) => a | None => 0 end.

(** The chunks of the waiting pushes for which a pull makes room, oldest first. *)
Definition admitted_of (s : option (stream Chunk Err)) :=
  let '(_, ins, _) := admitted len lim s in map snd ins.
Definition let_in n (s : option (stream Chunk Err)) := in_order n (accepted_of s) (admitted_of s).

(** What one op accepts, be it pushed just now or for some time, what it is told has been seen, and what it drops by a rule that says so. *)
Definition accepted (st : state) (o : op) : list item :=
  match o, effects st o with
  | Push n c, Returned (Truth true) :: _ => [(n, S (accepted_of (find n (streams st))), c)]
  | Pull n, _ => let_in n (find n (streams st))
  | _, _ => []
  end.
Definition seen (st : state) (o : op) : list item :=
  match o with
  | Seen p => match release p (held st) with Some (h, _) => [item_of h] | None => [] end
  | _ => []
  end.
Definition dropped (st : state) (o : op) : list item :=
  if drops (rule_of len d lim st o) then
    match o with
    | Error n _ | Delete n => queued n (find n (streams st))
    | Clear => all_queued st
    | CancelPull p => match release p (held st) with Some (h, _) => [item_of h] | None => [] end
    | _ => []
    end
  else [].

Fixpoint over (f : state -> op -> list item) st os : list item :=
  match os with [] => [] | o :: rest => f st o ++ over f (after st o) rest end.

(** Chunks in their places counted, each with the weight [g]. *)
Definition count (g : item -> nat) l := list_sum (map g l).

Lemma count_app g xs ys : count g (xs ++ ys) = count g xs + count g ys.
Proof. unfold count. rewrite map_app. apply sum_app. Qed.
Lemma count_cons g x xs : count g (x :: xs) = g x + count g xs.
Proof. reflexivity. Qed.
Lemma count_nil g : count g [] = 0.
Proof. reflexivity. Qed.

Lemma in_order_snoc n from cs c :
  in_order n from (cs ++ [c]) = in_order n from cs ++ [(n, S (from + length cs), c)].
Proof.
  revert from. induction cs as [|x cs IH]; intros from; cbn [in_order app length].
  - rewrite Nat.add_0_r. reflexivity.
  - rewrite IH. replace (S from + length cs) with (from + S (length cs)) by lia. reflexivity.
Qed.

Lemma in_order_app n from xs ys :
  in_order n from (xs ++ ys) = in_order n from xs ++ in_order n (from + length xs) ys.
Proof.
  revert from. induction xs as [|x xs IH]; intros from; cbn [in_order app length].
  - rewrite Nat.add_0_r. reflexivity.
  - rewrite IH. replace (S from + length xs) with (from + S (length xs)) by lia. reflexivity.
Qed.

Lemma count_insert g n place c gs :
  count g (map (fun x => (n, fst x, snd x)) (insert (place, c) gs))
  = g (n, place, c) + count g (map (fun x => (n, fst x, snd x)) gs).
Proof. unfold count. rewrite !map_map. rewrite insert_sum. reflexivity. Qed.

Definition accepted_at n s e (sub : subject Chunk Err) (ret : option bool) : list item :=
  match e, ret, of_chunk sub with
  | PUSH, Some true, Some c => [(n, S (accepted_of s), c)] | PULL, _, _ => let_in n s | _, _, _ => []
  end.
Definition released n e (sub : subject Chunk Err) : list item :=
  match e, of_chunk sub with CANCEL_HANDED, Some c => [(n, of_place sub, c)] | _, _ => [] end.
Definition lost n r (s : option (stream Chunk Err)) e sub : list item :=
  if drops r then queued n s ++ released n e sub else [].

Lemma queued_line n a ps : queued n (line a ps) = [].
Proof. destruct ps; reflexivity. Qed.

Lemma oldest_queued n a st q place c q' : oldest a q = Some (place, c, q') ->
  length (fresh q) <= a ->
  queued n (Some (Idle a st q)) = (n, place, c) :: queued n (Some (Idle a st q')).
Proof.
  destruct q as [[|g gs] [|f fs]]; cbn -[Nat.sub]; intros H L; inversion H; subst; try reflexivity.
  cbn -[Nat.sub]. replace (S (a - S (length fs))) with (a - length fs) by lia. reflexivity.
Qed.

Lemma queued_crowd n b a q os : queued n (crowd b a q os) = queued n (Some (Idle a Open q)).
Proof. destruct os; reflexivity. Qed.

Lemma accepted_crowd b a q os : accepted_of (crowd b a q os) = a.
Proof. destruct os; reflexivity. Qed.

Lemma let_in_nothing n s : offers_of s = [] -> let_in n s = [].
Proof.
  unfold let_in, admitted_of, admitted. intros ->. destruct (oldest 0 (queue_of s)) as [[]|]; reflexivity.
Qed.

Lemma queued_admit n a st q os q' ins outs : admitting len lim q os = (q', ins, outs) ->
  length (fresh q) <= a ->
  queued n (Some (Idle (a + length ins) st q'))
    = queued n (Some (Idle a st q)) ++ in_order n a (map snd ins).
Proof.
  intros A L. destruct (admit_spec _ _ _ _ A) as (_ & B & F & _). cbn [queued].
  rewrite B, F, app_length, map_length, in_order_app, <- app_assoc.
  replace (a + length ins - (length (fresh q) + length ins)) with (a - length (fresh q)) by lia.
  replace (a - length (fresh q) + length (fresh q)) with a by lia. reflexivity.
Qed.

Lemma let_in_admits n b a q o os place c q' q'' ins outs : oldest a q = Some (place, c, q') ->
  admitting len lim q' (o :: os) = (q'', ins, outs) ->
  let_in n (Some (PushesWaiting b a q o os)) = in_order n a (map snd ins).
Proof.
  intros O A. unfold let_in, admitted_of, admitted. cbn [queue_of offers_of accepted_of].
  pose proof (oldest_any a q) as X. rewrite O in X. destruct X as [y ->]. rewrite A. reflexivity.
Qed.

Lemma did_chunks g n sub s e r ret s' es hs : did len d lim n sub s e r ret s' es hs ->
  (forall x, s = Some x -> exists np, wf_stream len d lim np x) ->
  count g (queued n s') + count g (map item_of hs) + count g (lost n r s e sub)
  = count g (queued n s) + count g (accepted_at n s e sub ret) + count g (released n e sub).
Proof.
  intros D W. unfold lost. destruct D; cbn [drops]; unfold append in *.
  all: try match goal with H : drops _ = _ |- _ => rewrite H end.
  all: try match goal with T : told_at_once _ _ _ _ |- _ => destruct T end.
  all: try (destruct (W _ eq_refl) as [np (F & G & B)]).
  all: try match goal with H : oldest _ _ = Some _ |- _ =>
    rewrite (oldest_queued n _ _ H F) || rewrite (oldest_queued n Open _ H F) end.
  all: rewrite ?queued_line, ?queued_crowd, ?accepted_crowd.
  all: unfold accepted_at, released, item_of; cbn [map h_stream h_place h_chunk];
    try match goal with H : of_chunk _ = Some _ |- _ => rewrite H end.
  all: try match goal with |- context [let_in ?m ?s] => rewrite (let_in_nothing m s) by reflexivity end.
  all: rewrite ?count_app, ?count_cons, ?count_nil; try lia.
  - destruct e; cbn in H; try contradiction; rewrite ?count_nil; try lia.
    rewrite (H1 eq_refl). rewrite count_nil. lia.
  - cbn [queued given_back fresh accepted_of]. rewrite app_length, in_order_snoc, !count_app.
    rewrite count_cons, count_nil. cbn [length].
    replace (S a - (length (fresh q) + 1)) with (a - length (fresh q)) by lia.
    replace (a - length (fresh q) + length (fresh q)) with a by lia. lia.
  - cbn [accepted_of]. lia.
  - reflexivity.
  - reflexivity.
  - cbn [queued]. lia.
  - cbn [queued given_back fresh]. rewrite !count_app, count_insert. lia.
  - destruct s as [[|a [| |v b] q|]|]; try discriminate H0; [|cbn [queued]; rewrite count_nil; lia].
    destruct (W _ eq_refl) as [np (_ & _ & B)]. rewrite (B H0).
    cbn [queued no_chunks given_back fresh map app in_order]. rewrite count_nil. lia.
  - pose proof (oldest_wf len _ H F G) as (_ & _ & L & _).
    rewrite (@let_in_admits n b a q o os place c q' q'' ins outs H H0).
    rewrite (@queued_admit n a Open q' (o :: os) q'' ins outs H0 L), count_app.
    change (queued n (Some (PushesWaiting b a q o os))) with (queued n (Some (Idle a Open q))).
    rewrite (@oldest_queued n a Open q place c q' H F), count_cons. lia.
  - reflexivity.
  - reflexivity.
  - reflexivity.
  - subst q'. destruct (drops r); rewrite ?app_nil_r, ?count_nil; cbn [queued no_chunks given_back fresh map app in_order];
      rewrite ?count_nil; lia.
  - reflexivity.
  - cbn [queued given_back fresh]. rewrite !count_app, count_insert. lia.
Qed.

(** A push that waits says nothing at once, nor does the word to writers say that it is accepted. *)
Lemma push_waits n sub (s : option (stream Chunk Err)) r s' es hs :
  did len d lim n sub s PUSH r None s' es hs -> es = [].
Proof.
  intros D. remember PUSH as e. remember None as ret. destruct D; try discriminate; try reflexivity.
Qed.

Lemma drop_events n sub (s : option (stream Chunk Err)) e r ret s' es hs :
  did len d lim n sub s e r ret s' es hs ->
  (forall x, s = Some x -> exists np, wf_stream len d lim np x) -> drops r = true ->
  match e with ERROR | DELETE => True | CANCEL_HANDED => queued n s = [] | _ => False end.
Proof.
  intros D W R. destruct D; try exact I; try discriminate; try congruence.
  destruct s as [[|a [| |v b] q|]|]; try discriminate H0; [|reflexivity].
  destruct (W _ eq_refl) as [np (_ & _ & B)]. rewrite (B H0). reflexivity.
Qed.

Lemma count_put g n x (ss : list (nat * stream Chunk Err)) :
  let all ss := count g (flat_map (fun ns => queued (fst ns) (Some (snd ns))) ss) in
  all (put n x ss) + count g (queued n (find n ss)) = all ss + count g (queued n x).
Proof.
  intros all. unfold all. induction ss as [|[m y] ss IH]; cbn [put find].
  - destruct x; cbn [flat_map fst snd]; rewrite ?app_nil_r; cbn [queued]; rewrite ?count_nil; lia.
  - destruct (Nat.eqb_spec m n); [subst; destruct x|]; cbn [flat_map fst snd] in *;
      rewrite ?count_app in *; cbn [queued] in *; rewrite ?count_nil in *; lia.
Qed.

Lemma count_release g p hs h others : release p hs = Some (h, others) ->
  count g (map item_of hs) = g (item_of h) + count g (map item_of others).
Proof.
  revert others. induction hs as [|x hs IH]; cbn [release]; [discriminate|].
  destruct (h_pull x =? p); [intros others [= <- <-]; reflexivity|].
  destruct (release p hs) as [[y rest]|]; [|discriminate].
  intros others [= <- <-]. cbn [map]. rewrite !count_cons, (IH _ eq_refl). lia.
Qed.

Lemma step_chunks g st o : wellformed len d lim st ->
  count g (all_queued (after st o)) + count g (all_held (after st o))
    + count g (seen st o) + count g (dropped st o)
  = count g (all_queued st) + count g (all_held st) + count g (accepted st o).
Proof.
  intros W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs nq]. unfold dropped, rule_of, Steps.after, all_held, seen, accepted.
    cbn [step fst snd streams held all_queued flat_map].
    destruct (existsb _ ss); [|destruct (existsb _ ss)]; cbn [drops]; unfold all_queued; cbn [streams flat_map];
      rewrite !count_nil; lia.
  - pose proof (step_did W N) as S.
    assert (WF : forall m x, find m (streams st) = Some x -> exists np, wf_stream len d lim np x).
    { intros m x F. destruct W as (_ & _ & _ & WS & _). eauto. }
    assert (T : let '(n, e, sub, hs) := target st o in
      count g (all_held st) = count g (map item_of hs) + count g (seen st o)
        + count g (released n e sub)).
    { unfold all_held. destruct o; cbn [target released seen]; rewrite ?count_nil; try lia.
      - destruct (release p (held st)) as [[h others]|] eqn:R.
        + rewrite (count_release g _ _ R). cbn [released of_chunk of_place].
          rewrite count_cons, count_nil. unfold item_of. lia.
        + destruct (waiter_of p (streams st)) as [[]|]; cbn [released]; rewrite count_nil; lia.
      - destruct (release p (held st)) as [[h others]|] eqn:R; cbn [released].
        + rewrite (count_release g _ _ R), count_cons, count_nil. lia.
        + rewrite count_nil. lia.
      - destruct (pusher_of p (streams st)) as [[]|]; cbn [released]; rewrite count_nil; lia. }
    assert (A : let '(n, e, sub, hs) := target st o in forall ret es s',
      (e = PUSH -> ret = None -> es = []) ->
      effects st o = returned len st o ret ++ es ++ told_writers len lim n (find n (streams st)) s' ->
      accepted st o = accepted_at n (find n (streams st)) e sub ret).
    { unfold accepted. destruct o; cbn [target]; try reflexivity.
      - intros ret es s' P ->. destruct ret as [[]|]; try reflexivity. rewrite P by reflexivity.
        cbn [returned app accepted_at]. unfold told_writers. destruct (_ && _); reflexivity.
      - destruct (release p (held st)) as [[]|]; [reflexivity|].
        destruct (waiter_of p (streams st)) as [[]|]; reflexivity.
      - destruct (release p (held st)) as [[]|]; reflexivity.
      - destruct (pusher_of p (streams st)) as [[]|]; reflexivity. }
    destruct (target st o) as [[[n e] sub] hs] eqn:TE.
    destruct S as (ret & s' & es & out & D & E1 & E2).
    rewrite (A ret es s' ltac:(intros -> ->; exact (push_waits D)) E2).
    pose proof (did_chunks g D (WF n)) as P. pose proof (count_put g n s' (streams st)) as Q.
    assert (L : dropped st o = lost n (rule_of len d lim st o) (find n (streams st)) e sub).
    { unfold dropped, lost. destruct (drops _) eqn:R; [|reflexivity].
      pose proof (drop_events D (WF n) R) as X.
      destruct o; cbn [target] in TE; try (inversion TE; subst; contradiction X).
      - inversion TE; subst. cbn [released]. rewrite app_nil_r. reflexivity.
      - inversion TE; subst. cbn [released]. rewrite app_nil_r. reflexivity.
      - destruct (release p (held st)) as [[h others]|].
        + inversion TE; subst. rewrite X. reflexivity.
        + destruct (waiter_of p (streams st)) as [[]|]; inversion TE; subst; contradiction X.
      - destruct (release p (held st)) as [[h others]|]; inversion TE; subst; contradiction X.
      - destruct (pusher_of p (streams st)) as [[]|]; inversion TE; subst; contradiction X. }
    rewrite E1, L. unfold all_held at 1, all_queued at 1. cbn [streams held].
    rewrite map_app, count_app. unfold all_queued. cbv zeta in Q. lia.
Qed.
(** Theorem 3a. What was accepted is what has been seen, what pulls hold, what is queued, and what
    a rule dropped that says so: every chunk of every stream is in exactly one of these, once, and
    still in its place. (Counted with any weights, so that this holds of each chunk by itself.) *)
Theorem every_chunk_is_accounted_for g os : let st := run initial os in
  count g (over accepted initial os)
  = count g (over seen initial os) + count g (all_held st) + count g (all_queued st)
    + count g (over dropped initial os).
Proof.
  cbv zeta. enough (G : forall st, reachable len d lim st ->
    count g (all_queued st) + count g (all_held st) + count g (over accepted st os)
    = count g (over seen st os) + count g (all_held (run st os)) + count g (all_queued (run st os))
      + count g (over dropped st os)) by (apply (G initial); constructor).
  induction os as [|o os IH]; intros st R.
  - cbn [over Steps.run]. rewrite !count_nil. lia.
  - assert (R' : reachable len d lim (after st o)) by (constructor; assumption).
    specialize (IH _ R'). pose proof (step_chunks g o (reachable_wellformed R)) as P.
    cbn [over Steps.run]. rewrite !count_app. lia.
Qed.

End Chunks.
