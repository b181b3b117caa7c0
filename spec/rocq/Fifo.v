(** * First in, first out, as a producer and a consumer see it *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Isolation Unblocking Order.
Import ListNotations.
Set Implicit Arguments.

Section Fifo.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation op := (op Chunk Err).
Notation effect := (effect Chunk Err).
Notation state := (state Chunk Err).
Notation stream := (stream Chunk Err).
Notation item := (nat * nat * Chunk)%type.
Notation reachable := (reachable len d lim).
Notation run := (run len d lim).
Notation after := (after len d lim).
Notation effects := (effects len d lim).
Notation accepted := (accepted len d lim).
Notation dropped := (dropped len d lim).
Notation did := (did len d lim).
Notation shown_of := (shown_of len).
Notation shown := (shown len).

(** The chunks of stream [n] that an op accepts, brings to pulls, and drops. *)
Definition of_stream n (is : list item) := map snd (filter (fun i => stream_of i =? n) is).
Definition accepted_on n (st : state) (o : op) : list Chunk := of_stream n (accepted st o).
Definition dropped_on n (st : state) (o : op) : list Chunk := of_stream n (dropped st o).
Definition brings (ef : effect) := match ef with Resolved _ (Brought c) => [c] | _ => [] end.
Definition brought_on n (st : state) (o : op) : list Chunk :=
  if about_stream st o =? n then flat_map brings (effects st o) else [].

(** What one of these comes to along a program, in order. *)
Fixpoint along (f : state -> op -> list Chunk) st os :=
  match os with [] => [] | o :: rest => f st o ++ along f (after st o) rest end.

Definition no_cancels (os : list op) : Prop := forall p, ~ In (CancelPull p) os.

(** Nothing more comes in or goes out: the stream is unknown, or ended with nothing queued. *)
Definition ended (s : option stream) : Prop :=
  match s with
  | None => True
  | Some (Waiting _ _ _) | Some (PushesWaiting _ _ _ _ _) => False
  | Some (Idle _ st q) => st <> Open /\ q = no_chunks
  end.

Lemma oldest_chunks a (q : queue Chunk) place c q' : oldest a q = Some (place, c, q') ->
  chunks q = c :: chunks q'.
Proof. destruct q as [[|g gs] [|f fs]]; cbn; intros H; inversion H; subst; reflexivity. Qed.

Lemma shown_idle a (st : status Err) q : shown_of (Some (Idle a st q)) = chunks q.
Proof. destruct st; reflexivity. Qed.

Lemma shown_line a ps : shown_of (line a ps : option stream) = [].
Proof. destruct ps; reflexivity. Qed.

Lemma shown_crowd b a q os : shown_of (crowd b a q os : option stream) = chunks q.
Proof. destruct os; [destruct b|]; reflexivity. Qed.

Lemma in_order_chunks n from (cs : list Chunk) : map snd (in_order n from cs) = cs.
Proof. revert from. induction cs; intros from; cbn; [reflexivity|]. f_equal. auto. Qed.

Lemma admit_chunks (os : list (nat * Chunk)) q q' ins outs : admitting len lim q os = (q', ins, outs) ->
  chunks q' = chunks q ++ map snd ins.
Proof.
  intros A. destruct (admit_spec _ _ _ _ A) as (_ & G & F & _). unfold chunks.
  rewrite G, F, app_assoc. reflexivity.
Qed.

Lemma accepted_by_pull n sub (s : option stream) ret : offers_of s = [] ->
  accepted_at len lim n s PULL sub ret = [].
Proof. intros O. unfold accepted_at. apply let_in_nothing. exact O. Qed.

Lemma brings_none X (f : X -> effect) ps : (forall p, brings (f p) = []) -> flat_map brings (map f ps) = [].
Proof. intros F. induction ps; cbn; [reflexivity|]. rewrite F. assumption. Qed.

(** What goes in and out at one stream, in order, but for a chunk of a cancelled pull. *)
Lemma did_order n sub s e r ret s' es hs : did n sub s e r ret s' es hs -> e <> CANCEL_HANDED ->
  shown_of s ++ map snd (accepted_at len lim n s e sub ret)
    = flat_map brings es ++ shown_of s' ++ (if drops r then shown_of s else [])
  /\ (drops r = true -> ended s')
  /\ (ended s -> e <> CREATE -> ended s' /\ accepted_at len lim n s e sub ret = []).
Proof.
  intros D N. destruct D; try congruence; cbn [drops].
  all: try match goal with H : drops _ = _ |- _ => rewrite H end.
  all: try (rewrite brings_none by reflexivity).
  all: rewrite ?shown_idle, ?shown_line, ?shown_crowd, ?app_nil_r.
  all: unfold accepted_at, append; try match goal with H : of_chunk _ = Some _ |- _ => rewrite H end.
  all: try match goal with T : told_at_once _ _ _ _ |- _ => destruct T end.
  all: try match goal with T : pushed_aside _ _ _ |- _ => destruct T end.
  all: try match goal with |- context [let_in _ _ ?m ?s] => rewrite (let_in_nothing len lim m s) by reflexivity end.
  all: cbn [map flat_map brings app]; rewrite ?shown_idle, ?app_nil_r.
  all: (split; [|split]); try reflexivity; try discriminate; try contradiction.
  all: try (intros (Z & ->) _; try congruence).
  all: try match goal with H : oldest _ no_chunks = _ |- _ => discriminate H end.
  all: try (destruct st; repeat split; discriminate).
  all: try (intros; repeat split; (assumption || discriminate || congruence)).
  - destruct e; cbn in H; try contradiction; try (rewrite app_nil_r; reflexivity).
    match goal with H : _ = _ -> ret = _ |- _ => rewrite (H eq_refl) end. apply app_nil_r.
  - intros Z _. split; [exact Z|]. destruct e; cbn in H; try contradiction; try reflexivity.
    match goal with H : _ = _ -> ret = _ |- _ => rewrite (H eq_refl) end. reflexivity.
  - unfold chunks. cbn. rewrite app_assoc. reflexivity.
  - eapply oldest_chunks. eassumption.
  - intros Z. destruct (proj1 Z eq_refl).
  - intros Z. destruct os; [destruct (proj1 Z eq_refl)|destruct Z].
  - rewrite (let_in_admits len lim n b a q o os H H0), in_order_chunks, brings_none by reflexivity.
    rewrite (admit_chunks _ _ H0). cbn [app]. exact (f_equal (fun l => l ++ _) (oldest_chunks _ _ H)).
  - subst. destruct (drops r); [reflexivity|]. rewrite app_nil_r. reflexivity.
  - intros Z. rewrite Z in *. subst. split; [discriminate|reflexivity].
Qed.

Lemma of_stream_queued n m (s : option stream) : of_stream n (queued m s) = if m =? n then shown_of s else [].
Proof.
  rewrite <- (shown_queued len m). unfold of_stream. pose proof (queued_stream len m s) as Q.
  induction (queued m s) as [|i is IH]; cbn [filter map]; [destruct (m =? n); reflexivity|].
  specialize (IH (fun x I => Q x (or_intror I))). rewrite (Q i (or_introl eq_refl)).
  destruct (m =? n); cbn [map]; [f_equal|]; exact IH.
Qed.

Lemma of_stream_all n (st : state) lo hi : rising lo hi (keys (streams st)) ->
  of_stream n (all_queued st) = shown n st.
Proof.
  unfold all_queued, Order.shown. revert lo. induction (streams st) as [|[m s] ss IH]; [reflexivity|].
  intros lo [L R]. cbn [flat_map fst snd find] in *. unfold of_stream. rewrite filter_app, map_app.
  fold (of_stream n (queued m (Some s))). rewrite of_stream_queued. specialize (IH _ R).
  unfold of_stream in IH. rewrite IH. destruct (Nat.eqb_spec m n); [|reflexivity]. subst.
  destruct (find n ss) eqn:F; [|apply app_nil_r].
  apply find_key in F. eapply rising_in in R; [|exact F]. lia.
Qed.

Lemma told_brings n (s s' : option stream) : flat_map brings (told_writers len lim n s s') = [].
Proof. unfold told_writers. destruct (_ && _); reflexivity. Qed.

Lemma deletion_brings (ns : nat * stream) : flat_map brings (deletion len d lim ns) = [].
Proof.
  destruct (deletion_did len d lim ns) as (_ & _ & _ & es & -> & D).
  rewrite flat_map_app, told_brings, app_nil_r. destruct ns as [n s]. cbn [fst snd] in D.
  remember (Some s) as x. remember DELETE as e.
  destruct D; try discriminate; try reflexivity; apply brings_none; reflexivity.
Qed.

(** Stream [n] is over: known once, and [ended]. *)
Definition over_at n (st : state) := n < next_stream st /\ ended (find n (streams st)).

Lemma clear_order n (st : state) : wellformed len d lim st ->
  shown n st = brought_on n st Clear ++ dropped_on n st Clear
  /\ (dropped_on n st Clear = [] \/ over_at n (after st Clear)) /\ accepted_on n st Clear = [].
Proof.
  destruct st as [ns np ss hs nq]. intros (_ & _ & K & _).
  assert (B : brought_on n (State ns np ss hs nq) Clear = []).
  { unfold brought_on. destruct (_ =? n); [|reflexivity]. unfold Steps.effects. cbn [step snd].
    clear K. induction ss as [|x ss IH]; cbn [flat_map]; [reflexivity|].
    rewrite flat_map_app, deletion_brings. exact IH. }
  assert (Q : dropped_on n (State ns np ss hs nq) Clear = shown n (State ns np ss hs nq)).
  { unfold dropped_on, Chunks.dropped, rule_of. cbn [step fst]. rewrite <- (of_stream_all n _ _ _ K).
    destruct (existsb _ ss); [|destruct (existsb _ ss)]; reflexivity. }
  rewrite B, Q. split; [reflexivity|]. split; [|reflexivity].
  unfold Order.shown. cbn [streams]. destruct (find n ss) eqn:F; [right|left; reflexivity].
  apply find_key in F. eapply rising_in in K; [|exact F]. split; [apply K|exact I].
Qed.

(** An op that is no cancel and no clear, as lists. *)
Lemma target_order (st : state) o : wellformed len d lim st -> o <> Clear -> (forall p, o <> CancelPull p) ->
  let '(n, e, sub, hs) := target st o in
  e <> CANCEL_HANDED /\ (e = CREATE -> n = next_stream st)
  /\ exists ret s' es out, did n sub (find n (streams st)) e (rule_of len d lim st o) ret s' es out
    /\ streams (after st o) = put n s' (streams st)
    /\ next_stream st <= next_stream (after st o)
    /\ flat_map brings (effects st o) = flat_map brings es
    /\ accepted st o = accepted_at len lim n (find n (streams st)) e sub ret
    /\ dropped st o = if drops (rule_of len d lim st o) then queued n (find n (streams st)) else [].
Proof.
  intros W N C. pose proof (step_did W N) as S. pose proof (target_held W N) as T.
  destruct (target st o) as [[[n e] sub] hs] eqn:TE. destruct S as (ret & s' & es & out & D & A & E).
  destruct T as (T1 & T2 & _). assert (X : e <> CANCEL_HANDED).
  { destruct o; try (injection TE as <- <- <- <-; discriminate); [destruct (C p eq_refl)| |];
      cbn [target] in TE.
    - destruct (release p (held st)) as [[]|]; injection TE as <- <- <- <-; discriminate.
    - destruct (pusher_of p (streams st)) as [[]|]; injection TE as <- <- <- <-; discriminate. }
  split; [exact X|]. split; [intros V; apply T2, T1, V|].
  exists ret, s', es, out. split; [exact D|]. rewrite A, E. cbn [streams next_stream].
  split; [reflexivity|]. split; [destruct o; cbn; lia|]. split; [|split].
  - rewrite !flat_map_app, told_brings, app_nil_r. destruct o, ret; reflexivity.
  - unfold Chunks.accepted. destruct o; try (injection TE as <- <- <- <-; reflexivity).
    + injection TE as <- <- <- <-. rewrite E. destruct ret as [[]|]; try reflexivity.
      rewrite (push_waits D). cbn [returned app]. unfold told_writers. destruct (_ && _); reflexivity.
    + destruct (C p eq_refl).
    + cbn [target] in TE. destruct (release p (held st)) as [[]|]; injection TE as <- <- <- <-; reflexivity.
    + cbn [target] in TE.
      destruct (pusher_of p (streams st)) as [[]|]; injection TE as <- <- <- <-; reflexivity.
  - unfold Chunks.dropped. destruct (drops _) eqn:R; [|reflexivity].
    assert (WF : forall x, find n (streams st) = Some x -> exists np, wf_stream len d lim np x).
    { intros x F. destruct W as (_ & _ & _ & WS & _). eauto. }
    pose proof (drop_events D WF R) as Y.
    destruct o; try (injection TE as <- <- <- <-; (contradiction Y || reflexivity)).
    + destruct (C p eq_refl).
    + cbn [target] in TE.
      destruct (release p (held st)) as [[]|]; injection TE as <- <- <- <-; contradiction Y.
    + cbn [target] in TE.
      destruct (pusher_of p (streams st)) as [[]|]; injection TE as <- <- <- <-; contradiction Y.
Qed.

Lemma of_stream_in_order n m from (cs : list Chunk) :
  of_stream n (in_order m from cs) = if m =? n then map snd (in_order m from cs) else [].
Proof.
  unfold of_stream. revert from. induction cs as [|c cs IH]; intros from; cbn [in_order filter map].
  - destruct (m =? n); reflexivity.
  - change (stream_of (m, S from, c)) with m. specialize (IH (S from)).
    destruct (m =? n); cbn [map]; [f_equal; exact IH|exact IH].
Qed.

Lemma step_order n (st : state) o : wellformed len d lim st -> (forall p, o <> CancelPull p) ->
  shown n st ++ accepted_on n st o = brought_on n st o ++ shown n (after st o) ++ dropped_on n st o
  /\ (dropped_on n st o = [] \/ over_at n (after st o))
  /\ (over_at n st -> over_at n (after st o) /\ accepted_on n st o = []).
Proof.
  intros W C. destruct (clear_or_not o) as [->|N].
  { destruct (clear_order n W) as (E & F & A). rewrite A, app_nil_r, E. destruct st.
    split; [reflexivity|]. split; [exact F|]. intros [L _]. repeat split. exact L. }
  pose proof (target_order W N C) as T. unfold brought_on, accepted_on, dropped_on, over_at.
  unfold Order.shown, about_stream. destruct W as (_ & _ & K & _). destruct (target st o) as [[[m e] sub] hs].
  destruct T as (X & M & ret & s' & es & out & D & A & G & B & -> & ->). cbn [fst]. rewrite A, B.
  destruct (did_order D X) as (P & Q & E). clear D A B.
  assert (AS : of_stream n (accepted_at len lim m (find m (streams st)) e sub ret)
    = if m =? n then map snd (accepted_at len lim m (find m (streams st)) e sub ret) else []).
  { destruct e; try apply of_stream_in_order; unfold accepted_at, of_stream;
      destruct ret as [[]|], (of_chunk sub); cbn; unfold stream_of; cbn; destruct (m =? n); reflexivity. }
  assert (DS : of_stream n (if drops (rule_of len d lim st o) then queued m (find m (streams st)) else [])
    = if m =? n then (if drops (rule_of len d lim st o) then shown_of (find m (streams st)) else []) else []).
  { destruct (drops _); [apply of_stream_queued|destruct (m =? n); reflexivity]. }
  rewrite AS, DS. destruct (Nat.eqb_spec m n) as [->|Z].
  - erewrite find_put by exact K. split; [exact P|]. split.
    + destruct (find n (streams st)) eqn:F; [|left; destruct (drops _); reflexivity].
      destruct (drops _); [right|left; reflexivity]. split; [|apply Q; reflexivity].
      apply find_key in F. eapply rising_in in K; [|exact F]. lia.
    + intros [L Y]. destruct (E Y) as [Y' ->]; [intros V; specialize (M V); lia|].
      repeat split; [lia|exact Y'].
  - rewrite find_put_other by congruence. rewrite !app_nil_r. repeat split; [tauto|lia|tauto].
Qed.

Lemma over_shows_nothing n (st : state) : over_at n st -> shown n st = [].
Proof.
  unfold over_at, Order.shown. destruct (find n (streams st)) as [[|a s q|]|]; try easy.
  intros (_ & _ & ->). apply shown_idle.
Qed.

Lemma order_onwards n os (st : state) : reachable st -> no_cancels os ->
  (shown n st ++ along (accepted_on n) st os
    = along (brought_on n) st os ++ shown n (run st os) ++ along (dropped_on n) st os)
  /\ (over_at n st -> along (accepted_on n) st os = []).
Proof.
  revert st. induction os as [|o os IH]; intros st R C.
  - cbn. rewrite app_nil_r. auto.
  - assert (C0 : forall p, o <> CancelPull p) by (intros p ->; destruct (C p); left; reflexivity).
    assert (C1 : no_cancels os) by (intros p I; destruct (C p); right; exact I).
    destruct (step_order n (reachable_wellformed R) C0) as (P & Q & E).
    destruct (IH (after st o)) as [P' E']; [constructor; exact R|exact C1|].
    cbn [along Steps.run]. split.
    + rewrite app_assoc, P, <- !app_assoc. f_equal. destruct Q as [Q|Q].
      * rewrite Q. exact P'.
      * rewrite (over_shows_nothing Q), (E' Q) in *. symmetry in P'. cbn [app] in P'.
        apply app_eq_nil in P'. destruct P' as [-> P']. apply app_eq_nil in P'.
        destruct P' as [-> ->]. reflexivity.
    + intros Y. destruct (E Y) as [Y' ->]. exact (E' Y').
Qed.

(** Theorem 3d. From any state on, as long as no pull is cancelled: what was shown as queued on a
    stream and then what it accepts are, in this order, what is brought to its pulls, what is shown
    as queued in the end, and what is dropped by a rule that says so. *)
Theorem order_is_kept n os (st : state) : reachable st -> no_cancels os ->
  shown n st ++ along (accepted_on n) st os
  = along (brought_on n) st os ++ shown n (run st os) ++ along (dropped_on n) st os.
Proof. intros R C. apply (order_onwards n R C). Qed.

(** Theorem 3e. First in, first out: as long as no pull is cancelled, the chunks that a stream ever
    accepted are, in this order, those brought to its pulls, those shown as queued, and those
    dropped by a rule that says so. *)
Theorem first_in_first_out n os : no_cancels os ->
  along (accepted_on n) initial os
  = along (brought_on n) initial os ++ shown n (run initial os) ++ along (dropped_on n) initial os.
Proof. intros C. apply (order_is_kept n (st := initial)); [constructor|exact C]. Qed.

End Fifo.
