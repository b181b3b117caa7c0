(** * What can happen to a stream, in one list

    [react] goes through the table. Here its outcomes are listed, without the table, so that the
    other files need not go through it again. *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Streamstate.
Import ListNotations.
Set Implicit Arguments.

Section Did.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Implicit Types (s : option (stream Chunk Err)) (q : queue Chunk) (st : status Err).
Implicit Types (sub : subject Chunk Err).

Notation control_of := (control_of len lim).
Notation level q := (level_of lim (length (chunks q)) (size len q)).

(** Blocked: open, not errored and full. *)
Definition blocked s := is_blocking (control_of s).

(** A stream that is open with these pulls waiting. *)
Definition line a ps : option (stream Chunk Err) :=
  Some match ps with [] => Idle a Open no_chunks | p :: ps' => Waiting a p ps' end.

(** A stream that is open, or closed, with these pushes waiting. *)
Definition open_or (closed : bool) : status Err := if closed then Closed else Open.
Definition crowd b a q os : option (stream Chunk Err) :=
  Some match os with [] => Idle a (open_or b) q | o :: os' => PushesWaiting b a q o os' end.

(** The rules by which a chunk may go that nobody has seen. *)
Definition drops r :=
  match r with
  | ERROR_6 | ERROR_9 | ERROR_14 | DELETE_2 | DELETE_4 | CLEAR_1 | CLEAR_2 | CLEAR_3
  | CANCEL_PULL_7 | CANCEL_PULL_8 => true
  | _ => false
  end.

(** What a pull is told at once, without a chunk. *)
Inductive told_at_once me : option (stream Chunk Err) -> effect Chunk Err -> Prop :=
  | told_unknown : told_at_once me None (Resolved me Done)
  | told_end a : told_at_once me (Some (Idle a Closed no_chunks)) (Resolved me Done)
  | told_error a v b q : q = no_chunks \/ errored_backlog d <> drain ->
      told_at_once me (Some (Idle a (Failed v b) q)) (Rejected me (Errored v))
  | told_refused a p ps : overlapping_pull d = refuse_pull ->
      told_at_once me (Some (Waiting a p ps)) (Rejected me Refused).

(** What becomes of an earlier pull in whose place a later one waits. *)
Inductive pushed_aside p : effect Chunk Err -> Prop :=
  | aside_superseded : overlapping_pull d = supersede -> pushed_aside p (Rejected p Superseded)
  | aside_abandoned : overlapping_pull d = overwrite -> pushed_aside p (Abandoned p).

(** The status after an error with value [v]. *)
Definition failed st v : status Err :=
  Failed v match st with Open => false | Closed => true | Failed _ b => b end.

Definition idle_event s e :=
  match e with
  | CREATE | PULL | CANCEL_HANDED => False
  | CANCEL_WAITING | CANCEL_WAITING_PUSH | DELETE => s = None
  | ERROR =>
      match s with
      | Some (Waiting _ _ _) | Some (Idle _ Open _) | Some (PushesWaiting false _ _ _ _) => False
      | Some (PushesWaiting true _ _ _ _) => error_when_closed d = ignore
      | _ => True
      end
  | CLOSE =>
      match s with
      | None | Some (Idle _ Closed _) | Some (Idle _ (Failed _ true) _)
      | Some (PushesWaiting true _ _ _ _) => True
      | _ => False
      end
  | PUSH => match s with Some (Waiting _ _ _) | Some (PushesWaiting false _ _ _ _) => False | _ => True end
  | _ => True
  end.

(** [did n sub s e r ret s' es hs]: on stream [n], which was [s], event [e] took rule [r], returned
    [ret], left [s'], settled or abandoned as [es] says, and handed out [hs]. *)
Inductive did n sub : option (stream Chunk Err) -> event -> rule -> option bool ->
    option (stream Chunk Err) -> list (effect Chunk Err) -> list (handed Chunk) -> Prop :=
  | did_nothing s e r ret : idle_event s e -> drops r = false -> (e = PUSH -> ret = Some false) ->
      did n sub s e r ret s [] []
  | did_create : did n sub None CREATE CREATE_1 None (line 0 []) [] []
  | did_append a q c r : of_chunk sub = Some c -> drops r = false ->
      (room_at (level q) = false -> push_when_full d = accept) ->
      did n sub (Some (Idle a Open q)) PUSH r (Some true)
        (Some (Idle (S a) Open (append q c))) [] []
  | did_hand_pushed a p ps c : of_chunk sub = Some c ->
      did n sub (Some (Waiting a p ps)) PUSH PUSH_4 (Some true) (line (S a) ps)
        [Resolved p (Brought c)] [Handed p n (S a) c]
  | did_hand_queued a st q place c q' r : oldest a q = Some (place, c, q') -> drops r = false ->
      match st with Failed _ _ => errored_backlog d = drain | _ => True end ->
      did n sub (Some (Idle a st q)) PULL r None (Some (Idle a st q'))
        [Resolved (of_pull sub) (Brought c)] [Handed (of_pull sub) n place c]
  | did_wait a : did n sub (line a []) PULL PULL_3 None (line a [of_pull sub]) [] []
  | did_wait_behind a p ps : overlapping_pull d = queue_pulls ->
      did n sub (Some (Waiting a p ps)) PULL PULL_12 None
        (Some (Waiting a p (ps ++ [of_pull sub]))) [] []
  | did_push_aside a p ps ef r : pushed_aside p ef -> drops r = false ->
      did n sub (Some (Waiting a p ps)) PULL r None (line a (ps ++ [of_pull sub])) [ef] []
  | did_answer s ef r : told_at_once (of_pull sub) s ef -> drops r = false ->
      did n sub s PULL r None s [ef] []
  | did_close_waiting a p ps : did n sub (Some (Waiting a p ps)) CLOSE CLOSE_2 None
      (Some (Idle a Closed no_chunks)) (map (fun p => Resolved p Done) (p :: ps)) []
  | did_error_waiting a p ps v : of_error sub = Some v ->
      did n sub (Some (Waiting a p ps)) ERROR ERROR_2 None
        (Some (Idle a (Failed v false) no_chunks))
        (map (fun p => Rejected p (Errored v)) (p :: ps)) []
  | did_delete_waiting a p ps : did n sub (Some (Waiting a p ps)) DELETE DELETE_3 None
      None (map (fun p => Rejected p Deleted) (p :: ps)) []
  | did_close a q : did n sub (Some (Idle a Open q)) CLOSE CLOSE_3 None
      (Some (Idle a Closed q)) [] []
  | did_close_errored a v q : did n sub (Some (Idle a (Failed v false) q)) CLOSE CLOSE_5 None
      (Some (Idle a (Failed v true) q)) [] []
  | did_error a st q v r : of_error sub = Some v -> drops r = false ->
      (errored_backlog d = drop -> q = no_chunks \/ exists w b, st = Failed w b) ->
      did n sub (Some (Idle a st q)) ERROR r None (Some (Idle a (failed st v) q)) [] []
  | did_error_dropping a st q v r : of_error sub = Some v -> drops r = true ->
      errored_backlog d = drop ->
      did n sub (Some (Idle a st q)) ERROR r None
        (Some (Idle a (failed st v) no_chunks)) [] []
  | did_delete a st q :
      did n sub (Some (Idle a st q)) DELETE DELETE_2 None None [] []
  | did_leave a p ps r : drops r = false -> In (of_pull sub) (p :: ps) ->
      did n sub (Some (Waiting a p ps)) CANCEL_WAITING r None
        (line a (remove_first (of_pull sub) (p :: ps))) [] []
  | did_hand_on a p ps c : of_chunk sub = Some c ->
      did n sub (Some (Waiting a p ps)) CANCEL_HANDED CANCEL_PULL_3 None (line a ps)
        [Resolved p (Brought c)] [Handed p n (of_place sub) c]
  | did_give_back a st q c r : of_chunk sub = Some c -> drops r = false ->
      match st with Failed _ _ => errored_backlog d <> drop | _ => True end ->
      did n sub (Some (Idle a st q)) CANCEL_HANDED r None
        (Some (Idle a st (Queue (insert (of_place sub, c) (given_back q)) (fresh q)))) [] []
  | did_let_go s r : drops r = true ->
      match s with Some (Idle _ (Failed _ _) _) => errored_backlog d = drop | _ => s = None end ->
      did n sub s CANCEL_HANDED r None s [] []
  | did_wait_push a q os c : of_chunk sub = Some c ->
      (os = [] -> room_at (level q) = false /\ lets_wait d = true) ->
      did n sub (crowd false a q os) PUSH PUSH_9 None (crowd false a q (os ++ [(of_push sub, c)])) [] []
  | did_admit b a q o os place c q' q'' ins outs : oldest a q = Some (place, c, q') ->
      admitting len lim q' (o :: os) = (q'', ins, outs) ->
      did n sub (Some (PushesWaiting b a q o os)) PULL PULL_14 None (crowd b (a + length ins) q'' outs)
        (Resolved (of_pull sub) (Brought c) :: map (fun o => Accepted (fst o)) ins)
        [Handed (of_pull sub) n place c]
  | did_meet b a o os : did n sub (Some (PushesWaiting b a no_chunks o os)) PULL PULL_15 None
      (crowd b (S a) no_chunks os) [Resolved (of_pull sub) (Brought (snd o)); Accepted (fst o)]
      [Handed (of_pull sub) n (S a) (snd o)]
  | did_close_pushes a q o os : push_when_full d <> wait_through_close ->
      did n sub (Some (PushesWaiting false a q o os)) CLOSE CLOSE_6 None (Some (Idle a Closed q)) (map (fun o => TurnedAway (fst o) Ended) (o :: os)) []
  | did_close_around a q o os : push_when_full d = wait_through_close ->
      did n sub (Some (PushesWaiting false a q o os)) CLOSE CLOSE_7 None
        (Some (PushesWaiting true a q o os)) [] []
  | did_error_pushes b a q o os v q' r : of_error sub = Some v ->
      (b = true -> error_when_closed d <> ignore) ->
      q' = (if drops r then no_chunks else q) -> (errored_backlog d = drop <-> drops r = true) ->
      did n sub (Some (PushesWaiting b a q o os)) ERROR r None (Some (Idle a (Failed v b) q'))
        (map (fun o => TurnedAway (fst o) (Errored v)) (o :: os)) []
  | did_delete_pushes b a q o os : did n sub (Some (PushesWaiting b a q o os)) DELETE DELETE_4 None
      None (map (fun o => TurnedAway (fst o) Deleted) (o :: os)) []
  | did_leave_push b a q o os : room_at (level q) = false -> In (of_push sub) (map fst (o :: os)) ->
      did n sub (Some (PushesWaiting b a q o os)) CANCEL_WAITING_PUSH CANCEL_PUSH_1 (Some true)
        (crowd b a q (without_push (of_push sub) (o :: os))) [] []
  | did_give_back_behind b a q o os c : of_chunk sub = Some c ->
      did n sub (Some (PushesWaiting b a q o os)) CANCEL_HANDED CANCEL_PULL_4 None
        (Some (PushesWaiting b a (Queue (insert (of_place sub, c) (given_back q)) (fresh q)) o os)) [] [].

(** Pushes wait only where the queue is full. *)
Definition full_if_crowded s :=
  match s with Some (PushesWaiting _ _ q _ _) => room_at (level q) = false | _ => True end.

(** What an op sees to before it asks. *)
Definition fits s e sub :=
  match e with
  | CREATE => s = None
  | PUSH | CANCEL_HANDED => exists c, of_chunk sub = Some c
  | ERROR => full_if_crowded s /\ exists v, of_error sub = Some v
  | CANCEL_WAITING =>
      match s with Some (Waiting _ p ps) => In (of_pull sub) (p :: ps) | _ => False end
  | CANCEL_WAITING_PUSH =>
      full_if_crowded s /\
      match s with Some (PushesWaiting _ _ _ o os) => In (of_push sub) (map fst (o :: os)) | _ => False end
  | PULL | CLOSE => full_if_crowded s
  | _ => True
  end.

Ltac branch := match goal with |- context [if ?b then _ else _] => destruct b end.

Lemma level_nothing count bytes : level_of lim count bytes = EMPTY \/ level_of lim count bytes = UNBUFFERED
  <-> count = 0.
Proof.
  unfold level_of. destruct (Nat.eqb_spec count 0);
    destruct ((high_water_mark lim <=? bytes) || (max_queue_chunks lim <=? count));
    intuition congruence.
Qed.

Lemma level_zero bytes : level_of lim 0 bytes <> SOME /\ level_of lim 0 bytes <> FULL.
Proof. unfold level_of. cbn. destruct (_ || _); split; discriminate. Qed.

Lemma no_level q : level q = EMPTY \/ level q = UNBUFFERED -> q = no_chunks.
Proof.
  rewrite level_nothing. destruct q as [[|] [|]]; cbn; intros; try lia; reflexivity.
Qed.

Lemma insert_length (g : nat * Chunk) gs : length (insert g gs) = S (length gs).
Proof. induction gs as [|h gs IH]; cbn; [|branch; cbn]; congruence. Qed.

Lemma sum_app xs ys : list_sum (xs ++ ys) = list_sum xs + list_sum ys.
Proof. unfold list_sum. induction xs; cbn; lia. Qed.

Lemma insert_sum (f : nat * Chunk -> nat) g gs :
  list_sum (map f (insert g gs)) = f g + list_sum (map f gs).
Proof.
  unfold list_sum in *. induction gs as [|h gs IH]; cbn; [|branch; cbn]; lia.
Qed.

Lemma level_append q c : level (append q c)
  = level_of lim (S (length (chunks q))) (size len q + len c).
Proof.
  f_equal; unfold size, chunks; cbn;
    rewrite ?map_app, ?app_length, ?sum_app, ?map_length; cbn; lia.
Qed.

Lemma level_insert q g c : level (Queue (insert (g, c) (given_back q)) (fresh q))
  = level_of lim (S (length (chunks q))) (size len q + len c).
Proof.
  f_equal; unfold size, chunks; cbn.
  - rewrite !app_length, !map_length, insert_length. reflexivity.
  - rewrite !map_app, !sum_app, !map_map, insert_sum. cbn. lia.
Qed.

Lemma level_more count bytes count' bytes' : room_at (level_of lim count bytes) = false ->
  count <= count' -> bytes <= bytes' -> room_at (level_of lim count' bytes') = false.
Proof.
  unfold level_of. intros F C B. destruct (Nat.eqb_spec count 0), (Nat.eqb_spec count' 0);
  destruct (Nat.leb_spec (high_water_mark lim) bytes), (Nat.leb_spec (high_water_mark lim) bytes');
    destruct (Nat.leb_spec (max_queue_chunks lim) count), (Nat.leb_spec (max_queue_chunks lim) count');
    cbn in *; try reflexivity; try discriminate; lia.
Qed.

Lemma oldest_none a q : oldest a q = None -> q = no_chunks.
Proof. destruct q as [[|] [|]]; cbn; (reflexivity || discriminate). Qed.

Lemma oldest_place a q place c q' :
  oldest 0 q = Some (place, c, q') -> exists place', oldest a q = Some (place', c, q').
Proof. destruct q as [[|] [|]]; cbn; intros H; inversion H; subst; eauto. Qed.

Lemma oldest_any a q : match oldest a q with
  | Some (_, _, q') => exists g, oldest 0 q = Some (g, q')
  | None => oldest 0 q = None
  end.
Proof. destruct q as [[|[]] [|]]; cbn; eauto. Qed.

(** The table, before it adds the word to writers. *)
Definition chosen s e sub :=
  choose d (level_of lim 0 0) (control_of s) e (level_after len lim s e sub) (others_wait len lim s e).
Definition worked n s e sub :=
  fold_left (perform len lim n sub) (actions (chosen s e sub)) (unpack s).

Lemma remove_first_length p ps : In p ps -> S (length (remove_first p ps)) = length ps.
Proof.
  induction ps as [|q ps IH]; cbn; [tauto|]. destruct (Nat.eqb_spec q p); cbn; [reflexivity|].
  intros [|]; [congruence|]. f_equal. auto.
Qed.

Ltac simplify := cbn -[level_of remove_first without_push oldest chunks size admitting append].

(** Consider every way that the table can go. *)
Ltac table := repeat (
  match goal with
  | |- context [match overlapping_pull d with _ => _ end] => destruct (overlapping_pull d) eqn:?
  | |- context [match errored_backlog d with _ => _ end] => destruct (errored_backlog d) eqn:?
  | |- context [match error_when_closed d with _ => _ end] => destruct (error_when_closed d) eqn:?
  | |- context [match repeated_error d with _ => _ end] => destruct (repeated_error d) eqn:?
  | |- context [match push_when_full d with _ => _ end] => destruct (push_when_full d) eqn:?
  | |- context [match level_of lim ?c ?b with _ => _ end] => destruct (level_of lim c b) eqn:?
  end; simplify).

(** What [fits] says, put to use. *)
Ltac given F := cbn in F;
  repeat match type of F with
  | exists _, _ => let x := fresh in destruct F as [x F]
  | _ /\ _ => let E := fresh in destruct F as [E F]; try discriminate E
  | Some _ = Some _ => injection F as F
  end;
  try subst; simplify.

Ltac tidy :=
  change (length (chunks (@no_chunks Chunk))) with 0 in *; change (size len (@no_chunks Chunk)) with 0 in *.

(** Where nothing is queued the queue is [no_chunks]. *)
Ltac empty :=
  match goal with
  | H : level_of lim (length (chunks ?q)) _ = EMPTY |- _ =>
      pose proof (no_level q (or_introl H)); subst; tidy
  | H : level_of lim (length (chunks ?q)) _ = UNBUFFERED |- _ =>
      pose proof (no_level q (or_intror H)); subst; tidy
  end.

(** Whether there is room, where the level is known. *)
Ltac room := tidy;
  repeat match goal with L : level_of lim ?c ?b = _ |- context [level_of lim ?c ?b] => rewrite L end;
  cbn [room_at pushes_waiting]; unfold lets_wait;
  repeat match goal with E : push_when_full d = _ |- context [push_when_full d] => rewrite E end;
  intuition congruence.

Lemma without_push_length p (os : list (nat * Chunk)) : In p (map fst os) ->
  S (length (without_push p os)) = length os.
Proof.
  induction os as [|o os IH]; cbn; [tauto|]. destruct (Nat.eqb_spec (fst o) p); cbn; [reflexivity|].
  intros [|]; [congruence|]. f_equal. auto.
Qed.

(** What [admitting] does: it accepts the first ones in their order, and stops only where the queue is
    full. *)
Lemma admit_spec os : forall q q' ins outs, admitting len lim q os = (q', ins, outs) ->
  os = ins ++ outs /\ given_back q' = given_back q /\ fresh q' = fresh q ++ map snd ins
  /\ (outs <> [] -> room_at (level q') = false).
Proof.
  induction os as [|o os IH]; cbn [admitting]; intros q q' ins outs A.
  - injection A as <- <- <-. cbn [map app]. rewrite app_nil_r. repeat split. congruence.
  - destruct (room_at (level q)) eqn:L;
      try (injection A as <- <- <-; cbn [map app]; rewrite app_nil_r; repeat split; auto; fail).
    all: destruct (admitting len lim (append q (snd o)) os) as [[x y] z] eqn:B; injection A as <- <- <-;
      destruct (IH _ _ _ _ B) as (-> & G & F & M); repeat split; auto; try congruence.
    all: cbn [append given_back fresh map] in *; rewrite F, <- app_assoc; reflexivity.
Qed.

(** It accepts none where there is no room. *)
Lemma admit_room os : forall q q' ins outs, admitting len lim q os = (q', ins, outs) ->
  forall before x rest, ins = before ++ x :: rest ->
  room_at (level (Queue (given_back q) (fresh q ++ map snd before))) = true.
Proof.
  induction os as [|o os IH]; cbn [admitting]; intros q q' ins outs A before x rest E.
  - injection A as <- <- <-. destruct before; discriminate E.
  - destruct (room_at (level q)) eqn:L; try (injection A as <- <- <-; destruct before; discriminate E).
    all: destruct (admitting len lim (append q (snd o)) os) as [[y z] u] eqn:B; injection A as <- <- <-.
    all: destruct before as [|b before]; injection E as <- E; cbn [map];
      [rewrite app_nil_r; replace (Queue (given_back q) (fresh q)) with q by (destruct q; reflexivity);
        congruence|].
    all: specialize (IH _ _ _ _ B _ _ _ E); change (given_back (append q (snd o))) with (given_back q) in IH;
      change (fresh (append q (snd o))) with (fresh q ++ [snd o]) in IH;
      rewrite <- app_assoc in IH; exact IH.
Qed.

Lemma waiting_did n a p ps e sub : let s := Some (Waiting a p ps) in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, level_after, others_wait, admitted, s in *.
  destruct sub as [me c place v mine].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: destruct ps as [|p' ps]; simplify; table.
  all: try solve [split; [econstructor; cbn; eauto; congruence|reflexivity]].
  all: try solve [split; [apply did_push_aside; [constructor; assumption|reflexivity]|reflexivity]].
  all: try solve [split; [apply did_answer; [constructor; assumption|reflexivity]|reflexivity]].
  - change (In me [p]) in F. pose proof (remove_first_length me [p] F) as L.
    pose proof (did_leave n (Subject me c place v mine) a (p := p) (ps := []) CANCEL_PULL_1 eq_refl F) as D.
    cbn [of_pull] in D. destruct (remove_first me [p]); [|discriminate L].
    split; [exact D|reflexivity].
  - change (In me (p :: p' :: ps)) in F.
    pose proof (remove_first_length me (p :: p' :: ps) F) as L.
    pose proof (did_leave n (Subject me c place v mine) a (p := p) (ps := p' :: ps) CANCEL_PULL_2 eq_refl F) as D.
    cbn [of_pull] in D. destruct (remove_first me (p :: p' :: ps)); [discriminate L|].
    split; [exact D|reflexivity].
Qed.

Lemma absent_did n e sub : let s := None in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, level_after, others_wait, admitted, s in *.
  destruct sub as [me c place v mine].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: try solve [split; [econstructor; cbn; eauto; congruence|reflexivity]].
  all: try solve [split; [apply did_answer; [constructor; assumption|reflexivity]|reflexivity]].
Qed.

Lemma admit_nothing q : admitting len lim q [] = (q, [], []).
Proof. reflexivity. Qed.

Lemma idle_did n a st q e sub : let s := Some (Idle a st q) in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, level_after, others_wait, admitted, s in *.
  destruct sub as [me c place v mine].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: try (pose proof (oldest_any a q) as O; destruct (oldest a q) as [[[place' c'] q']|] eqn:E;
    [destruct O as [g O]|]; rewrite O; simplify).
  all: destruct st as [| |w []]; simplify; table; rewrite ?E; simplify; try empty; try discriminate E.
  all: try (apply oldest_none in E; subst; tidy; exfalso; destruct (level_zero 0); congruence).
  all: split; [|cbn [control_of phase_of]; rewrite ?level_append, ?level_insert; tidy; try congruence; try room].
  all: try solve [econstructor; cbn; eauto; congruence].
  all: try solve [econstructor; simplify; eauto; room].
  all: try match goal with |- did _ (Subject _ (Some ?x) _ _ _) _ PUSH PUSH_9 _ _ _ _ =>
    eapply (did_wait_push n (Subject me (Some x) place v mine) a _ (os := [])); [reflexivity|intros _; room] end.
  all: apply did_answer; [constructor; (left; reflexivity) || (right; congruence)|reflexivity].
Qed.

Lemma pack_crowded b a q o os err es hs l :
  pack (Err := Err) (Work a [] q err es hs (o :: os)) (pushes_waiting b l)
  = Some (PushesWaiting b a q o os).
Proof. destruct b, l; reflexivity. Qed.

Lemma pushes_did n b a q o os e sub : let s := Some (PushesWaiting b a q o os) in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, level_after, others_wait, admitted, s in *.
  destruct sub as [me c place v mine].
  destruct (level q) eqn:L, b; simplify; rewrite L; simplify.
  all: destruct e; given F; try discriminate F; try contradiction F; try congruence;
    rewrite ?L in *; simplify; try discriminate; table.
  all: try solve [split; [econstructor; simplify; eauto; room|cbn [control_of]; rewrite ?L; reflexivity]].
  all: try solve [split; [apply did_nothing; [exact I || assumption|reflexivity|intros; reflexivity || discriminate]
    |cbn [control_of]; rewrite ?L; reflexivity]].
  all: try match goal with |- did _ (Subject _ (Some ?x) _ _ _) _ PUSH _ _ _ _ _ /\ _ =>
    split; [exact (did_wait_push n (Subject me (Some x) place v mine) a q (os := o :: os)
      eq_refl (fun E => match nil_cons (eq_sym E) with end))|cbn [control_of]; rewrite ?L; reflexivity] end.
  all: try match goal with |- did _ _ _ CANCEL_HANDED _ _ _ _ _ /\ _ =>
    rewrite pack_crowded; split; [apply did_give_back_behind; reflexivity|];
      cbn [control_of]; rewrite level_insert; reflexivity end.
  all: try match goal with |- did _ _ _ CLOSE _ _ _ _ _ /\ _ =>
    split; [apply did_close_pushes; congruence|cbn [control_of phase_of]; congruence] end.
  all: try match goal with |- did _ (Subject _ _ _ (Some ?x) _) _ ERROR ?r _ _ _ _ /\ _ =>
    split; [apply (did_error_pushes n (Subject me c place (Some x) mine) a q o os r); try reflexivity;
      cbn; intuition congruence|cbn [control_of phase_of]; congruence || reflexivity] end.
  all: try match goal with |- did _ _ _ CANCEL_WAITING_PUSH _ _ _ _ _ /\ _ =>
    pose proof (without_push_length mine (o :: os) F) as K;
    match goal with |- did _ _ (Some (PushesWaiting ?b _ _ _ _)) _ _ _ _ _ _ /\ _ =>
      pose proof (did_leave_push n (Subject me c place v mine) b a q (o := o) (os := os)) as D end;
    rewrite L in D; specialize (D eq_refl F); cbn [of_push] in D;
    destruct os as [|o' os]; destruct (without_push mine _) eqn:W; try discriminate K;
      cbn [pack w_pushes w_queue w_accepted]; (split; [exact D|]); cbn [control_of phase_of]; rewrite L; reflexivity end.
  1,2: pose proof (oldest_any a q) as O; destruct (oldest a q) as [[[place' c'] q']|] eqn:E;
    [destruct O as [g O]; rewrite O; simplify;
     destruct (admitting len lim q' (o :: os)) as [[q'' ins] outs] eqn:A; simplify;
     match goal with |- did _ _ (Some (PushesWaiting ?b _ _ _ _)) _ _ _ _ _ _ /\ _ =>
       pose proof (did_admit n (Subject me c place v mine) b a q o os E A) as D end;
     cbn [of_pull] in D; destruct os, outs; simplify; rewrite ?pack_crowded; (split; [exact D|reflexivity])
    |apply oldest_none in E; subst; tidy; destruct (level_zero 0); congruence].
  all: pose proof (no_level q (or_intror L)); subst; tidy;
    match goal with |- did _ _ (Some (PushesWaiting ?b _ _ _ _)) _ _ _ _ _ _ /\ _ =>
      pose proof (did_meet n (Subject me c place v mine) b a o os) as D end;
    cbn [of_pull] in D;
    destruct o as [p x], os; simplify; (split; [exact D|]); cbn -[level_of]; rewrite ?L; reflexivity.
Qed.

Lemma chosen_did n s e sub : fits s e sub ->
  let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  destruct s as [[a p ps|a st q|b a q o os]|];
    [apply waiting_did|apply idle_did|apply pushes_did|apply absent_did].
Qed.

(** The word to writers, as it has to be. *)
Definition told_writers n s s' : list (effect Chunk Err) :=
  if blocked s && negb (blocked s') then [Unblocked n] else [].

Lemma delta_chosen z c e after o : let t := choose d z c e after o in
  delta d z c e after o =
    if is_blocking c && negb (is_blocking (to_control t))
    then To (by_rule t) (to_control t) (actions t ++ [UNBLOCK]) (answers t) else t.
Proof. reflexivity. Qed.

(** Whatever [react] does is in the list, the word to writers coming last. *)
Theorem react_did n s e sub : fits s e sub -> let r := react len d lim n s e sub in
  exists es, r_effects r = es ++ told_writers n s (r_stream r)
    /\ did n sub s e (r_rule r) (r_returned r) (r_stream r) es (r_handed r).
Proof.
  intros F r. destruct (chosen_did n s e sub F) as [D C].
  unfold r, react. rewrite delta_chosen. fold (chosen s e sub).
  exists (w_effects (worked n s e sub)). unfold told_writers, blocked.
  destruct (is_blocking (control_of s)); cbn [andb].
  - destruct (is_blocking (to_control (chosen s e sub))) eqn:O; cbn [negb].
    + fold (worked n s e sub). cbn. rewrite C, O, app_nil_r. cbn. split; [reflexivity|exact D].
    + cbn [actions to_control by_rule answers]. rewrite fold_left_app.
      fold (worked n s e sub). destruct (worked n s e sub) as [a ps q err es hs os].
      cbn in *. unfold pack in *. cbn in *. rewrite C, O. cbn. split; [reflexivity|exact D].
  - fold (worked n s e sub). cbn. rewrite app_nil_r. split; [reflexivity|exact D].
Qed.

End Did.
