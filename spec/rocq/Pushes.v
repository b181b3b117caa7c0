(** * What becomes of every push that waits *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Order.
Import ListNotations.
Set Implicit Arguments.

Section Pushes.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation stream := (stream Chunk Err).
Notation offer := (nat * Chunk)%type.
Notation reachable := (reachable len d lim).
Notation run := (run len d lim).
Notation history := (history len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).
Notation did := (did len d lim).

(** The pushes that wait on stream [n], oldest first, and those that wait anywhere. *)
Definition line_on n (st : state) : list offer := offers_of (find n (streams st)).
Definition all_offers (st : state) : list offer :=
  flat_map (fun ns => offers_of (Some (snd ns))) (streams st).

(** Whether a close, or an error, leaves the pushes that wait where they are: where they wait through a
    close, and where an error after a close counts for nothing. *)
Definition goes_first := match push_when_full d with wait_through_close => true | _ => false end.
Definition keeps_at_close (s : option stream) :=
  match s with Some (PushesWaiting closed _ _ _ _) => closed || goes_first | _ => false end.
Definition keeps_at_error (s : option stream) :=
  match s with
  | Some (PushesWaiting true _ _ _ _) => match error_when_closed d with ignore => true | _ => false end
  | _ => false
  end.

(** What an op does to pushes, each with its chunk: the one that begins to wait, those that are
    accepted, those that are turned away, and the one whose wait ends because it is cancelled. *)
Definition offered (st : state) (o : op) : list offer :=
  match o with
  | Push _ c => repeat (next_push st, c) (next_push (after st o) - next_push st)
  | _ => []
  end.
Definition sent (st : state) (o : op) : list offer :=
  match o with
  | Pull n => let '(_, ins, _) := admitted len lim (find n (streams st)) in ins
  | _ => []
  end.
Definition turned_away (st : state) (o : op) : list offer :=
  match o with
  | Close n => if keeps_at_close (find n (streams st)) then [] else line_on n st
  | Error n _ => if keeps_at_error (find n (streams st)) then [] else line_on n st
  | Delete n => line_on n st
  | Clear => all_offers st
  | _ => []
  end.
Definition withdrawn (st : state) (o : op) : list offer :=
  match o with
  | CancelPush p =>
      match pusher_of p (streams st) with
      | Some (_, s) => filter (fun o => fst o =? p) (offers_of (Some s))
      | None => []
      end
  | _ => []
  end.

Fixpoint over (f : state -> op -> list offer) st os : list offer :=
  match os with [] => [] | o :: rest => f st o ++ over f (after st o) rest end.

(** The pushes that effects say are accepted, and turned away. *)
Definition told_accepted (es : list effect) : list nat :=
  flat_map (fun e => match e with Accepted p => [p] | _ => [] end) es.
Definition told_away (es : list effect) : list nat :=
  flat_map (fun e => match e with TurnedAway p _ => [p] | _ => [] end) es.

Definition count (g : offer -> nat) l := list_sum (map g l).

Lemma count_app g xs ys : count g (xs ++ ys) = count g xs + count g ys.
Proof. unfold count. rewrite map_app. apply sum_app. Qed.
Lemma count_cons g x xs : count g (x :: xs) = g x + count g xs.
Proof. reflexivity. Qed.
Lemma count_nil g : count g [] = 0.
Proof. reflexivity. Qed.

Lemma offers_crowd b a q (os : list offer) : offers_of (crowd b a q os : option stream) = os.
Proof. destruct os; reflexivity. Qed.

Lemma offers_line a ps : offers_of (line a ps : option stream) = [].
Proof. destruct ps; reflexivity. Qed.

(** ** Each in its turn *)

Lemma without_rising lo hi p (os : list offer) : rising lo hi (map fst os) ->
  rising lo hi (map fst (without_push p os)).
Proof.
  revert lo. induction os as [|o os IH]; cbn; [tauto|]. intros lo [L R].
  destruct (fst o =? p); cbn; [eapply rising_weaken; eauto; lia|auto].
Qed.

Lemma rising_suffix lo hi xs ys : rising lo hi (xs ++ ys) -> lo <= hi -> rising lo hi ys.
Proof.
  revert lo. induction xs as [|x xs IH]; cbn; [tauto|]. intros lo [L R] H.
  eapply rising_weaken; [apply (IH _ R); lia|lia|lia].
Qed.

Lemma did_line n sub (s : option stream) e r ret s' es hs nq : did n sub s e r ret s' es hs ->
  1 <= nq -> rising 1 nq (map fst (offers_of s)) -> (e = PUSH -> of_push sub = nq) ->
  rising 1 (begun e ret + nq) (map fst (offers_of s')).
Proof.
  intros D N R P. destruct D; rewrite ?offers_crowd, ?offers_line in *; cbn [offers_of map begun] in *;
    try exact I; try (cbn; exact I).
  all: try solve [eapply rising_weaken; [exact R|lia|lia]].
  - rewrite map_app. cbn [map fst]. rewrite (P eq_refl). apply rising_snoc with (hi := nq); [exact R|lia|lia].
  - destruct (admit_spec _ _ _ _ H0) as (E & _). change (fst o :: map fst os) with (map fst (o :: os)) in R.
    rewrite E, map_app in R. cbn. eapply rising_suffix; [exact R|lia].
  - cbn in R |- *. destruct R as [_ R]. eapply rising_weaken; [exact R|lia|lia].
  - apply without_rising. exact R.
Qed.

(** Theorem 10a. Pushes wait on a stream in the order in which they began, and their numbers are
    below the next one. *)
Theorem pushes_wait_in_order (st : state) n : reachable st ->
  1 <= next_push st /\ rising 1 (next_push st) (map fst (line_on n st)).
Proof.
  intros R. revert n. induction R as [|st o R IH]; intros n; [split; [cbn; lia|exact I]|].
  pose proof (reachable_wellformed R) as W. destruct (IH n) as [N _].
  destruct (clear_or_not o) as [->|C]; [destruct st; cbn in *; split; [exact N|exact I]|].
  pose proof (step_did W C) as S. destruct W as (_ & _ & K & _).
  assert (P : let '(n, e, sub, hs) := target st o in e = PUSH -> of_push sub = next_push st).
  { destruct o; cbn; try discriminate; try reflexivity.
    - destruct (release p (held st)) as [[]|]; [discriminate|].
      destruct (waiter_of p (streams st)) as [[]|]; discriminate.
    - destruct (release p (held st)) as [[]|]; discriminate.
    - destruct (pusher_of p (streams st)) as [[]|]; discriminate. }
  destruct (target st o) as [[[m e] sub] hs]. destruct S as (ret & s' & es & out & D & A & _).
  unfold line_on in *. rewrite A. cbn [next_push streams]. split; [lia|].
  destruct (Nat.eq_dec n m) as [->|M].
  - erewrite find_put by exact K. destruct (IH m) as [_ L]. exact (did_line D N L P).
  - rewrite find_put_other by exact M. destruct (IH n) as [_ L]. eapply rising_weaken; [exact L|lia|lia].
Qed.

Lemma no_line (s : option stream) : offers_of s = [] -> admitted len lim s = (fst (fst (admitted len lim s)), [], []).
Proof. unfold admitted. intros ->. destruct (oldest 0 (queue_of s)) as [[]|]; reflexivity. Qed.

(** Theorem 10b. A pull accepts those pushes on its stream that began first, as many as there is room
    for; the others go on waiting in their order, and then only if the queue is full. *)
Theorem pushes_are_accepted_in_order (st : state) n : reachable st ->
  line_on n st = sent st (Pull n) ++ line_on n (after st (Pull n))
  /\ told_accepted (effects st (Pull n)) = map fst (sent st (Pull n)).
Proof.
  intros R. pose proof (reachable_wellformed R) as W.
  assert (N : Pull n <> Clear :> op) by discriminate. pose proof (step_did W N) as S.
  cbn [target] in S. destruct S as (ret & s' & es & out & D & A & E). destruct W as (_ & _ & K & _).
  unfold line_on, sent. rewrite A, E. cbn [streams]. erewrite find_put by exact K.
  assert (T : told_accepted (returned len st (Pull n) ret ++ es ++ told_writers len lim n (find n (streams st)) s')
    = told_accepted es).
  { unfold told_accepted. rewrite !flat_map_app. unfold told_writers.
    destruct ret; destruct (_ && _); cbn; rewrite ?app_nil_r; reflexivity. }
  rewrite T. clear T A E K. remember (find n (streams st)) as s. clear Heqs.
  assert (Z : offers_of s = [] -> offers_of s' = [] -> told_accepted es = [] ->
    offers_of s = (let '(_, ins, _) := admitted len lim s in ins) ++ offers_of s'
    /\ told_accepted es = map fst (let '(_, ins, _) := admitted len lim s in ins)).
  { intros X Y V. rewrite (no_line s X), X, Y, V. split; reflexivity. }
  remember PULL as e. destruct D; try discriminate; try contradiction;
    try (apply Z; rewrite ?offers_line; reflexivity).
  - subst. contradiction.
  - destruct H; apply Z; rewrite ?offers_line; reflexivity.
  - apply Z; [destruct H; reflexivity..].
  - pose proof (oldest_any a q) as X. rewrite H in X. destruct X as [y X]. unfold admitted.
    cbn [queue_of offers_of]. rewrite X, H0, offers_crowd. destruct (admit_spec _ _ _ _ H0) as (-> & _).
    split; [reflexivity|]. cbn. clear. induction ins as [|i ins IH]; cbn; [reflexivity|]. f_equal. exact IH.
  - rewrite offers_crowd. split; reflexivity.
Qed.

(** ** Each accounted for *)

Lemma rising_from lo hi xs x : rising lo hi xs -> x < lo -> ~ In x xs.
Proof. intros R L I. eapply rising_in in R; [|exact I]. lia. Qed.

Lemma filter_other p (os : list offer) : ~ In p (map fst os) -> filter (fun o => fst o =? p) os = [].
Proof.
  induction os as [|o os IH]; cbn; [reflexivity|]. intros N.
  destruct (Nat.eqb_spec (fst o) p); [tauto|]. apply IH. tauto.
Qed.

Lemma count_without g p lo hi (os : list offer) : rising lo hi (map fst os) ->
  count g (without_push p os) + count g (filter (fun o => fst o =? p) os) = count g os.
Proof.
  revert lo. induction os as [|o os IH]; cbn [map without_push filter]; intros lo R; [reflexivity|].
  destruct R as [L R]. destruct (Nat.eqb_spec (fst o) p) as [<-|N]; rewrite ?count_cons.
  - rewrite filter_other, count_nil; [lia|]. eapply rising_from; [exact R|lia].
  - specialize (IH _ R). lia.
Qed.

(** What one event does to the pushes of its stream. *)
Definition sent_at (s : option stream) e : list offer :=
  match e with PULL => let '(_, ins, _) := admitted len lim s in ins | _ => [] end.
Definition away_at (s : option stream) e : list offer :=
  match e with
  | CLOSE => if keeps_at_close s then [] else offers_of s
  | ERROR => if keeps_at_error s then [] else offers_of s
  | DELETE => offers_of s
  | _ => []
  end.
Definition gone_at (s : option stream) e (sub : subject Chunk Err) : list offer :=
  match e with CANCEL_WAITING_PUSH => filter (fun o => fst o =? of_push sub) (offers_of s) | _ => [] end.
Definition came e (sub : subject Chunk Err) (ret : option bool) : list offer :=
  match e, ret, of_chunk sub with PUSH, None, Some c => [(of_push sub, c)] | _, _, _ => [] end.

Lemma told_all (os : list offer) r :
  told_accepted (map (fun o => TurnedAway (fst o) r) os) = []
  /\ told_away (map (fun o => TurnedAway (fst o) r) os) = map fst os.
Proof. unfold told_accepted, told_away. split; induction os as [|x xs IH]; cbn; try rewrite IH; reflexivity. Qed.

Lemma told_none (f : nat -> effect) ps : (forall p, told_accepted [f p] = [] /\ told_away [f p] = []) ->
  told_accepted (map f ps) = [] /\ told_away (map f ps) = [].
Proof.
  intros F. induction ps as [|p ps [A B]]; [split; reflexivity|]. destruct (F p) as [X Y].
  change (map f (p :: ps)) with ([f p] ++ map f ps). unfold told_accepted, told_away in *.
  rewrite !flat_map_app, X, Y, A, B. split; reflexivity.
Qed.

Lemma told_in (os : list offer) :
  told_accepted (map (fun o => Accepted (fst o)) os) = map fst os
  /\ told_away (map (fun o => Accepted (fst o)) os) = [].
Proof. unfold told_accepted, told_away. split; induction os as [|x xs IH]; cbn; try rewrite IH; reflexivity. Qed.

Lemma did_pushes g n sub (s : option stream) e r ret s' es hs lo hi : did n sub s e r ret s' es hs ->
  rising lo hi (map fst (offers_of s)) ->
  count g (offers_of s') + count g (sent_at s e) + count g (away_at s e) + count g (gone_at s e sub)
  = count g (offers_of s) + count g (came e sub ret)
  /\ told_accepted es = map fst (sent_at s e) /\ told_away es = map fst (away_at s e).
Proof.
  assert (Z : forall s : option stream, offers_of s = [] -> (let '(_, ins, _) := admitted len lim s in ins) = []).
  { intros x X. rewrite (no_line x X). reflexivity. }
  intros D R. destruct D; unfold sent_at, away_at, gone_at, came;
    rewrite ?offers_crowd, ?offers_line in *; cbn [offers_of] in *.
  all: try match goal with H : told_at_once _ _ _ _ |- _ => destruct H end.
  all: try match goal with H : pushed_aside _ _ _ |- _ => destruct H end.
  all: try rewrite Z by (rewrite ?offers_line; reflexivity).
  all: try match goal with H : of_chunk _ = Some _ |- _ => rewrite H end.
  all: try match goal with |- context [map ?f (?p :: ?ps)] =>
    destruct (@told_none f (p :: ps)) as [-> ->]; [intros; split; reflexivity|] end.
  all: rewrite ?count_app, ?count_cons, ?count_nil; try (cbn; repeat split; lia).
  - destruct e; cbn in H; try contradiction; try rewrite (H1 eq_refl); try subst s;
      try (destruct s as [[|? [| |? []]|[] ? ? ? ?]|];
        contradiction || (cbn; rewrite ?H; cbn; repeat split; lia));
      cbn; repeat split; lia.
  - unfold admitted. cbn [queue_of offers_of]. pose proof (oldest_any a q) as X. rewrite H in X.
    destruct X as [y ->]. rewrite H0. destruct (admit_spec _ _ _ _ H0) as (E & _).
    rewrite <- count_cons, E, count_app. split; [lia|].
    change (Resolved (of_pull sub) (Brought c) :: map (fun o => Accepted (fst o)) ins)
      with ([Resolved (of_pull sub) (Brought c)] ++ map (fun o => Accepted (fst o)) ins : list effect).
    unfold told_accepted, told_away. rewrite !flat_map_app. exact (told_in ins).
  - assert (keeps_at_close (Some (PushesWaiting false a q o os)) = false) as ->
      by (cbn; unfold goes_first; destruct (push_when_full d); congruence).
    destruct (told_all (o :: os) Ended) as [-> ->]. cbn [map offers_of]. repeat split; lia.
  - assert (keeps_at_close (Some (PushesWaiting false a q o os)) = true) as ->
      by (cbn; unfold goes_first; rewrite H; reflexivity).
    cbn. repeat split; lia.
  - assert (keeps_at_error (Some (PushesWaiting b a q o os)) = false) as ->
      by (cbn; destruct b, (error_when_closed d); try reflexivity; destruct (H0 eq_refl eq_refl)).
    destruct (told_all (o :: os) (Errored v)) as [-> ->]. cbn [map]. repeat split; lia.
  - destruct (told_all (o :: os) Deleted) as [-> ->]. cbn [map]. repeat split; lia.
  - split; [|split; reflexivity]. pose proof (@count_without g (of_push sub) lo hi (o :: os) R) as C.
    rewrite count_cons in C. lia.
Qed.

Lemma count_put g n x (ss : list (nat * stream)) :
  let all ss := count g (flat_map (fun ns => offers_of (Some (snd ns))) ss) in
  all (put n x ss) + count g (offers_of (find n ss)) = all ss + count g (offers_of x).
Proof.
  intros all. unfold all. induction ss as [|[m y] ss IH]; cbn [put find].
  - destruct x; cbn [flat_map snd]; rewrite ?app_nil_r, ?count_nil; cbn [offers_of]; rewrite ?count_nil; lia.
  - destruct (m =? n); [destruct x|]; cbn [flat_map snd] in *; rewrite ?count_app in *;
      cbn [offers_of] in *; rewrite ?count_nil in *; lia.
Qed.

Lemma told_deletion (ns : nat * stream) : told_accepted (deletion len d lim ns) = []
  /\ told_away (deletion len d lim ns) = map fst (offers_of (Some (snd ns))).
Proof.
  destruct (deletion_did len d lim ns) as (_ & _ & _ & es & -> & D). destruct ns as [n s]. cbn [fst snd] in *.
  assert (T : told_accepted es = [] /\ told_away es = map fst (offers_of (Some s))).
  { inversion D; subst; try (split; reflexivity).
    - apply (@told_none _ (p :: ps)). intros; split; reflexivity.
    - apply (told_all (o :: os)). }
  destruct T as [A B]. unfold told_accepted, told_away in *. rewrite !flat_map_app, A, B.
  unfold told_writers. destruct (_ && _); cbn; rewrite ?app_nil_r; split; reflexivity.
Qed.

(** What one step does to pushes, put together. *)
Lemma step_pushes g (st : state) o : reachable st ->
  count g (all_offers (after st o)) + count g (sent st o) + count g (turned_away st o)
    + count g (withdrawn st o)
  = count g (all_offers st) + count g (offered st o)
  /\ told_accepted (effects st o) = map fst (sent st o)
  /\ told_away (effects st o) = map fst (turned_away st o).
Proof.
  intros R. pose proof (reachable_wellformed R) as W. destruct (clear_or_not o) as [->|N].
  - destruct st as [ns np ss hs nq]. clear. unfold all_offers, Steps.effects. cbn [step streams snd fst Steps.after].
    cbn [sent turned_away withdrawn offered]. unfold Steps.after. cbn [step fst snd streams flat_map].
    rewrite !count_nil. split; [unfold all_offers; cbn [streams]; lia|].
    unfold all_offers. cbn [streams]. induction ss as [|x ss [A B]]; [split; reflexivity|]. cbn [flat_map].
    destruct (told_deletion x) as [P Q]. unfold told_accepted, told_away in *.
    rewrite !flat_map_app, map_app, A, B, P, Q. split; reflexivity.
  - pose proof (step_did W N) as SD.
    assert (L : let '(n, e, sub, hs) := target st o in
      sent st o = sent_at (find n (streams st)) e /\ turned_away st o = away_at (find n (streams st)) e
      /\ withdrawn st o = gone_at (find n (streams st)) e sub
      /\ forall ret, next_push (after st o) = begun e ret + next_push st -> offered st o = came e sub ret).
    { destruct W as (_ & _ & K & _). unfold withdrawn.
      destruct o; cbn [target sent turned_away offered sent_at away_at gone_at came];
        try (repeat split; intros; reflexivity).
      - repeat split. intros ret ->. unfold came, begun. cbn [of_chunk of_push].
        destruct ret as [[]|]; cbn [Nat.add]; rewrite ?Nat.sub_diag; try reflexivity.
        replace (S (next_push st) - next_push st) with 1 by lia. reflexivity.
      - destruct (N eq_refl).
      - destruct (release p (held st)) as [[]|]; [repeat split; intros; reflexivity|].
        destruct (waiter_of p (streams st)) as [[]|]; repeat split; intros; reflexivity.
      - destruct (release p (held st)) as [[]|]; repeat split; intros; reflexivity.
      - destruct (pusher_of p (streams st)) as [[n s]|] eqn:Q; [|repeat split; intros; reflexivity].
        apply pusher_some in Q. destruct Q as (I & _). cbn [gone_at of_push].
        erewrite in_find by (exact K || exact I). repeat split; intros; reflexivity. }
    destruct (target st o) as [[[n e] sub] hs]. destruct SD as (ret & s' & es & out & D & A & E).
    destruct L as (-> & -> & -> & F). rewrite (F ret) by (rewrite A; reflexivity).
    destruct (pushes_wait_in_order n R) as [_ O]. unfold line_on in O.
    destruct (@did_pushes g n sub _ _ _ _ _ _ _ _ _ D O) as (P & X & Y). pose proof (count_put g n s' (streams st)) as C.
    unfold all_offers in *. rewrite A. cbn [streams]. cbv zeta in C. split; [lia|].
    rewrite E. unfold told_accepted, told_away in *. rewrite !flat_map_app, X, Y. unfold told_writers.
    destruct o, ret; destruct (_ && _); cbn; rewrite ?app_nil_r; split; reflexivity.
Qed.

(** Theorem 10c. Every push that waited is exactly one of these, with the chunk that it offered, and
    is it once: accepted, turned away, given up by its caller while it waited, or waiting on a stream
    that is known. (Counted with any weights, so that this holds of each push by itself.) *)
Theorem every_push_is_accounted_for g os :
  count g (over offered initial os)
  = count g (over sent initial os) + count g (over turned_away initial os)
    + count g (over withdrawn initial os) + count g (all_offers (run initial os)).
Proof.
  enough (G : forall st, reachable st ->
    count g (all_offers st) + count g (over offered st os)
    = count g (over sent st os) + count g (over turned_away st os)
      + count g (over withdrawn st os) + count g (all_offers (run st os)))
    by (apply (G initial); constructor).
  induction os as [|o os IH]; intros st R; [cbn; lia|].
  assert (R' : reachable (after st o)) by (constructor; exact R). specialize (IH _ R').
  destruct (step_pushes g o R) as (P & _). cbn [over Steps.run]. rewrite !count_app. lia.
Qed.

(** Theorem 10d. What is accepted and turned away is told, to each in its order. *)
Theorem pushes_are_told (st : state) o : reachable st ->
  told_accepted (effects st o) = map fst (sent st o)
  /\ told_away (effects st o) = map fst (turned_away st o).
Proof. intros R. apply (step_pushes (fun _ => 0) o R). Qed.

(** Theorem 10e. The chunks of accepted pushes are what a pull lets into the queue, each once, in the
    order of the pushes, and nothing else is let in by a pull. *)
Theorem accepted_pushes_are_sent (st : state) n :
  accepted len d lim st (Pull n) = in_order n (accepted_of (find n (streams st))) (map snd (sent st (Pull n))).
Proof.
  unfold Chunks.accepted, let_in, admitted_of, sent.
  destruct (admitted len lim (find n (streams st))) as [[q ins] outs]. reflexivity.
Qed.

(** How many pushes of a program come to wait, and their numbers. *)
Lemma next_push_after (st : state) o : reachable st ->
  next_push (after st o) = length (offered st o) + next_push st
  /\ map fst (offered st o) = seq (next_push st) (length (offered st o)).
Proof.
  intros R. pose proof (reachable_wellformed R) as W. destruct (clear_or_not o) as [->|N];
    [destruct st; split; reflexivity|].
  pose proof (step_did W N) as SD. destruct (target st o) as [[[n e] sub] hs] eqn:T.
  destruct SD as (ret & s' & es & out & D & A & _). rewrite A. cbn [next_push].
  unfold offered. destruct o; try (injection T as <- <- <- <-; split; reflexivity).
  - injection T as <- <- <- <-. rewrite A. cbn [next_push begun]. rewrite repeat_length.
    destruct ret as [[]|]; cbn [Nat.add]; rewrite ?Nat.sub_diag; try (split; reflexivity).
    replace (S (next_push st) - next_push st) with 1 by lia. split; reflexivity.
  - cbn in T. destruct (release p (held st)) as [[]|]; [injection T as <- <- <- <-; split; reflexivity|].
    destruct (waiter_of p (streams st)) as [[]|]; injection T as <- <- <- <-; split; reflexivity.
  - cbn in T. destruct (release p (held st)) as [[]|]; injection T as <- <- <- <-; split; reflexivity.
  - cbn in T. destruct (pusher_of p (streams st)) as [[]|]; injection T as <- <- <- <-; split; reflexivity.
Qed.

Lemma offered_are_numbered os (st : state) : reachable st ->
  map fst (over offered st os) = seq (next_push st) (length (over offered st os)).
Proof.
  revert st. induction os as [|o os IH]; intros st R; [reflexivity|]. cbn [over].
  destruct (next_push_after o R) as [N E]. rewrite map_app, E, IH by (constructor; exact R).
  rewrite app_length, seq_app, N, (Nat.add_comm (next_push st)). reflexivity.
Qed.

Definition only p (o : offer) := if fst o =? p then 1 else 0.

Lemma count_only p (os : list offer) : In p (map fst os) <-> 1 <= count (only p) os.
Proof.
  induction os as [|o os IH]; cbn [map In]; [rewrite count_nil; lia|].
  rewrite count_cons, IH. unfold only at 2. destruct (Nat.eqb_spec (fst o) p); [lia|].
  split; [intros [|]; [congruence|lia]|right; lia].
Qed.

Lemma count_numbered p from n (os : list offer) : map fst os = seq from n -> count (only p) os <= 1.
Proof.
  revert from n. induction os as [|o os IH]; intros from [|n] E; try discriminate; [rewrite count_nil; lia..|].
  cbn [map seq] in E. injection E as E1 E2. rewrite count_cons. specialize (IH _ _ E2).
  unfold only at 1. destruct (Nat.eqb_spec (fst o) p) as [P|]; [|lia].
  enough (count (only p) os < 1) by lia. rewrite Nat.lt_nge. intros C. apply count_only in C.
  rewrite E2 in C. apply in_seq in C. lia.
Qed.

(** Theorem 10f. A push settles at most once: it is accepted, turned away, given up or still waiting,
    never two of them, and never one of them twice. *)
Theorem a_push_settles_at_most_once p os :
  count (only p) (over sent initial os) + count (only p) (over turned_away initial os)
    + count (only p) (over withdrawn initial os) + count (only p) (all_offers (run initial os)) <= 1.
Proof.
  rewrite <- every_push_is_accounted_for.
  eapply count_numbered. apply (offered_are_numbered os (st := initial)). constructor.
Qed.

(** Theorem 10g. A push that is cancelled while it waits is never sent, whatever comes before or
    after. *)
Theorem a_cancelled_push_is_never_sent p os :
  In p (map fst (over withdrawn initial os)) -> ~ In p (map fst (over sent initial os)).
Proof. rewrite !count_only. pose proof (a_push_settles_at_most_once p os). lia. Qed.

(** Theorem 10h. After a clear no push waits, so that by the theorems before none is left dangling. *)
Theorem no_push_waits_after_clear (st : state) : all_offers (after st Clear) = [].
Proof. destruct st. reflexivity. Qed.

(** ** Rendezvous *)

(** Theorem 10j. Where pushes wait and nothing is queued, a pull brings the chunk of the oldest of them,
    which is accepted; no other is, and the others go on waiting. *)
Theorem a_pull_meets_the_oldest_push (st : state) n b a o os : reachable st ->
  find n (streams st) = Some (PushesWaiting b a no_chunks o os) ->
  effects st (Pull n) = [Resolved (next_pull st) (Brought (snd o)); Accepted (fst o)]
  /\ line_on n (after st (Pull n)) = os.
Proof.
  intros R F. destruct (no_push_waits_while_there_is_room n R F) as [L _].
  assert (U : level_of lim 0 0 = UNBUFFERED).
  { change (room_at (level_of lim 0 0) = false) in L. destruct (level_zero lim 0).
    destruct (level_of lim 0 0); cbn in L; congruence. }
  destruct (pushes_are_accepted_in_order n R) as [A _]. unfold line_on, sent in *. rewrite F in A.
  cbn in A. injection A as A. split; [|symmetry; exact A]. clear A.
  destruct st as [ns np ss hs nq]. cbn in F. unfold Steps.effects. cbn [step on_stream streams snd next_pull].
  rewrite F. unfold react, delta. cbn -[level_of]. rewrite U. destruct b, o, os; reflexivity.
Qed.

(** ** Each is told when its stream ends *)

Definition crowded_at (st : state) n o os :=
  exists a q, find n (streams st) = Some (PushesWaiting false a q o os).

(** Theorem 10i. Close, error and delete turn away every push that waits on an open stream, oldest first,
    each for its own reason, and then tell the writers; but close leaves them where they wait through
    it. *)
Theorem the_end_turns_pushes_away (st : state) n o os v : crowded_at st n o os ->
  let all r := map (fun x => TurnedAway (fst x) r) (o :: os) ++ [Unblocked n] in
  effects st (Close n) = (if keeps_at_close (find n (streams st)) then [Unblocked n] else all Ended)
  /\ effects st (Error n v) = all (Errored v)
  /\ effects st (Delete n) = all Deleted.
Proof.
  destruct st as [ns np ss hs nq]. intros (a & q & F). cbn in F. unfold Steps.effects.
  cbn [step on_stream streams snd]. rewrite F.
  unfold react, delta, keeps_at_close, goes_first. cbn -[level_of chunks size admitted].
  destruct (level_of lim (length (chunks q)) (size len q)); cbn -[level_of chunks size admitted];
    repeat split; destruct (errored_backlog d), (push_when_full d); reflexivity.
Qed.

(** ** Through a close *)

(** What is yet to be pulled on stream [n], oldest first: what is queued, then what waits. *)
Definition backlog n (st : state) : list Chunk :=
  chunks (queue_of (find n (streams st))) ++ map snd (line_on n st).

(** Theorem 10k. A close that leaves pushes waiting leaves all that is yet to be pulled. *)
Theorem close_keeps_the_backlog (st : state) n o os : reachable st -> crowded_at st n o os ->
  push_when_full d = wait_through_close ->
  backlog n (after st (Close n)) = backlog n st /\ line_on n (after st (Close n)) = o :: os.
Proof.
  intros R. destruct (reachable_wellformed R) as (_ & _ & K & _). clear R.
  destruct st as [ns np ss hs nq]. intros (a & q & F) P. cbn in F, K.
  assert (X : find n (streams (after (State ns np ss hs nq) (Close n)))
    = Some (PushesWaiting true a q o os)).
  { unfold Steps.after. cbn [step on_stream streams snd fst]. rewrite F.
    unfold react, delta. cbn -[level_of chunks size admitted].
    destruct (level_of lim (length (chunks q)) (size len q)); cbn -[level_of chunks size admitted];
      rewrite P; cbn -[level_of chunks size admitted]; eapply find_put; exact K. }
  unfold backlog, line_on. rewrite X. cbn [streams]. rewrite F. split; reflexivity.
Qed.

Lemma did_backlog n sub b a q o os r ret s' es hs :
  did n sub (Some (PushesWaiting b a q o os) : option stream) PULL r ret s' es hs ->
  exists c es', ret = None /\ es = Resolved (of_pull sub) (Brought c) :: es'
    /\ chunks q ++ map snd (o :: os) = c :: chunks (queue_of s') ++ map snd (offers_of s').
Proof.
  intros D. inversion D; subst; try contradiction.
  - match goal with T : told_at_once _ _ _ _ |- _ => inversion T end.
  - match goal with A : admitting _ _ _ _ = _, O : oldest _ _ = _ |- _ =>
      destruct (admit_spec _ _ _ _ A) as (-> & G & X & _); rename O into H end.
    do 2 eexists. split; [reflexivity|]. split; [reflexivity|]. rewrite offers_crowd.
    replace (queue_of (crowd b (a + length ins) q'' outs : option stream)) with q''
      by (destruct outs; reflexivity).
    unfold chunks. rewrite G, X, map_app, <- !app_assoc.
    destruct q as [[|g gs] [|f fs]]; inversion H; subst; reflexivity.
  - do 2 eexists. split; [reflexivity|]. split; [reflexivity|]. rewrite offers_crowd.
    destruct os; reflexivity.
Qed.

(** Theorem 10l. On a stream on which pushes wait a pull brings the oldest chunk that is yet to be
    pulled, closed or not, and leaves the rest in its order. *)
Theorem a_pull_brings_the_oldest_of_the_backlog (st : state) n b a q o os : reachable st ->
  find n (streams st) = Some (PushesWaiting b a q o os) ->
  exists c, backlog n st = c :: backlog n (after st (Pull n))
    /\ hd_error (effects st (Pull n)) = Some (Resolved (next_pull st) (Brought c)).
Proof.
  intros R F. pose proof (reachable_wellformed R) as W.
  assert (N : Pull n <> Clear :> op) by discriminate. pose proof (step_did W N) as S.
  cbn [target] in S. rewrite F in S. destruct S as (ret & s' & es & out & D & A & E).
  destruct W as (_ & _ & K & _). destruct (did_backlog D) as (c & es' & -> & -> & X).
  exists c. unfold backlog, line_on. rewrite A, E, F. cbn [streams]. erewrite find_put by exact K.
  split; [exact X|reflexivity].
Qed.

(** Theorem 10m. As long as pulls go on, every push that waits is accepted in the end, closed or not:
    after at most as many pulls as there are chunks yet to be pulled, none waits. *)
Theorem pulls_let_every_push_in (st : state) n : reachable st ->
  exists k, k <= length (backlog n st) /\ line_on n (run st (repeat (Pull n) k)) = [].
Proof.
  intros R. remember (length (backlog n st)) as m. revert st R Heqm.
  induction m as [|m IH]; intros st R E;
    (destruct (find n (streams st)) as [[| |b a q o os]|] eqn:F;
      try (exists 0; split; [lia|]; unfold line_on; cbn; rewrite F; reflexivity));
    destruct (a_pull_brings_the_oldest_of_the_backlog n R F) as (c & B & _); rewrite B in E;
    cbn in E; [discriminate E|]; injection E as E.
  destruct (IH (after st (Pull n))) as (k & L & X); [constructor; exact R|exact E|].
  exists (S k). split; [lia|exact X].
Qed.

End Pushes.
