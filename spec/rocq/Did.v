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

Definition is_open_full c := match c with OPEN_FULL => true | _ => false end.

(** Blocked: open, not errored and full. *)
Definition blocked s := is_open_full (control_of s).

(** A stream that is open with these pulls waiting. *)
Definition line a ps : option (stream Chunk Err) :=
  Some match ps with [] => Idle a Open no_chunks | p :: ps' => Waiting a p ps' end.

(** The rules by which a chunk may go that nobody has seen. *)
Definition drops r :=
  match r with
  | ERROR_6 | ERROR_9 | DELETE_2 | CLEAR_1 | CLEAR_2 | CANCEL_PULL_7 | CANCEL_PULL_8 => true
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
  | CANCEL_WAITING | DELETE => s = None
  | ERROR => match s with Some (Waiting _ _ _) | Some (Idle _ Open _) => False | _ => True end
  | CLOSE =>
      match s with
      | None | Some (Idle _ Closed _) | Some (Idle _ (Failed _ true) _) => True
      | _ => False
      end
  | PUSH => match s with Some (Waiting _ _ _) => False | _ => True end
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
      (level q = FULL -> push_when_full d = accept) ->
      did n sub (Some (Idle a Open q)) PUSH r (Some true)
        (Some (Idle (S a) Open (Queue (given_back q) (fresh q ++ [c])))) [] []
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
      did n sub s CANCEL_HANDED r None s [] [].

(** What an op sees to before it asks. *)
Definition fits s e sub :=
  match e with
  | CREATE => s = None
  | PUSH | CANCEL_HANDED => exists c, of_chunk sub = Some c
  | ERROR => exists v, of_error sub = Some v
  | CANCEL_WAITING =>
      match s with Some (Waiting _ p ps) => In (of_pull sub) (p :: ps) | _ => False end
  | _ => True
  end.

Ltac branch := match goal with |- context [if ?b then _ else _] => destruct b end.

Lemma level_nothing count bytes : level_of lim count bytes = EMPTY <-> count = 0.
Proof.
  unfold level_of. destruct (Nat.eqb_spec count 0); [tauto|].
  destruct ((high_water_mark lim <=? bytes) || (max_queue_chunks lim <=? count)); split; congruence.
Qed.

Lemma level_zero bytes : level_of lim 0 bytes = EMPTY.
Proof. reflexivity. Qed.

Lemma no_level q : level q = EMPTY -> q = no_chunks.
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

Lemma level_append q c : level (Queue (given_back q) (fresh q ++ [c]))
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
Definition others s := match s with Some (Waiting _ _ (_ :: _)) => true | _ => false end.
Definition chosen s e sub :=
  choose d (control_of s) e (level_after len lim s e sub) (others s).
Definition worked n s e sub :=
  fold_left (perform n sub) (actions (chosen s e sub)) (unpack s).

Lemma remove_first_length p ps : In p ps -> S (length (remove_first p ps)) = length ps.
Proof.
  induction ps as [|q ps IH]; cbn; [tauto|]. destruct (Nat.eqb_spec q p); cbn; [reflexivity|].
  intros [|]; [congruence|]. f_equal. auto.
Qed.

Ltac simplify := cbn -[level_of remove_first oldest chunks size].

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

Ltac empty :=
  match goal with
  | H : level_of lim (length (chunks ?q)) _ = EMPTY |- _ => apply no_level in H; subst
  end.

Lemma waiting_did n a p ps e sub : let s := Some (Waiting a p ps) in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, s in *. destruct sub as [me c place v].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: destruct ps as [|p' ps]; simplify; table.
  all: try solve [split; [econstructor; cbn; eauto; congruence|reflexivity]].
  all: try solve [split; [apply did_push_aside; [constructor; assumption|reflexivity]|reflexivity]].
  all: try solve [split; [apply did_answer; [constructor; assumption|reflexivity]|reflexivity]].
  - change (In me [p]) in F. pose proof (remove_first_length me [p] F) as L.
    pose proof (did_leave n (Subject me c place v) a (p := p) (ps := []) CANCEL_PULL_1 eq_refl F) as D.
    cbn [of_pull] in D. destruct (remove_first me [p]); [|discriminate L].
    split; [exact D|reflexivity].
  - change (In me (p :: p' :: ps)) in F.
    pose proof (remove_first_length me (p :: p' :: ps) F) as L.
    pose proof (did_leave n (Subject me c place v) a (p := p) (ps := p' :: ps) CANCEL_PULL_2 eq_refl F) as D.
    cbn [of_pull] in D. destruct (remove_first me (p :: p' :: ps)); [discriminate L|].
    split; [exact D|reflexivity].
Qed.

Lemma absent_did n e sub : let s := None in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, s in *. destruct sub as [me c place v].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: try solve [split; [econstructor; cbn; eauto; congruence|reflexivity]].
  all: try solve [split; [apply did_answer; [constructor; assumption|reflexivity]|reflexivity]].
Qed.

Lemma idle_did n a st q e sub : let s := Some (Idle a st q) in
  fits s e sub -> let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  intros s F. unfold worked, chosen, s in *. destruct sub as [me c place v].
  destruct e; given F; try discriminate F; try contradiction F; simplify.
  all: try (pose proof (oldest_any a q) as O; destruct (oldest a q) as [[[place' c'] q']|] eqn:E;
    [destruct O as [g O]|]; rewrite O; simplify).
  all: destruct st as [| |w []]; simplify; table; rewrite ?E; simplify; try empty; try discriminate E.
  all: try (apply oldest_none in E; subst; discriminate).
  all: split; [|cbn [control_of phase_of]; rewrite ?level_append, ?level_insert; try congruence].
  all: try solve [econstructor; cbn; eauto; congruence].
  all: apply did_answer; [constructor; (left; reflexivity) || (right; congruence)|reflexivity].
Qed.

Lemma chosen_did n s e sub : fits s e sub ->
  let t := chosen s e sub in let w := worked n s e sub in
  did n sub s e (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w)
  /\ control_of (pack w (to_control t)) = to_control t.
Proof.
  destruct s as [[a p ps|a st q]|]; [apply waiting_did|apply idle_did|apply absent_did].
Qed.

(** The word to writers, as it has to be. *)
Definition told_writers n s s' : list (effect Chunk Err) :=
  if blocked s && negb (blocked s') then [Unblocked n] else [].

Lemma delta_chosen c e after o : let t := choose d c e after o in
  delta d c e after o =
    if is_open_full c && negb (is_open_full (to_control t))
    then To (by_rule t) (to_control t) (actions t ++ [UNBLOCK]) (answers t) else t.
Proof.
  unfold delta. destruct c as [| |[] []]; cbn; try reflexivity.
  destruct (to_control _) as [| |[] []]; reflexivity.
Qed.

(** Whatever [react] does is in the list, the word to writers coming last. *)
Theorem react_did n s e sub : fits s e sub -> let r := react len d lim n s e sub in
  exists es, r_effects r = es ++ told_writers n s (r_stream r)
    /\ did n sub s e (r_rule r) (r_returned r) (r_stream r) es (r_handed r).
Proof.
  intros F r. destruct (chosen_did n s e sub F) as [D C].
  unfold r, react. rewrite delta_chosen. fold (others s). fold (chosen s e sub).
  exists (w_effects (worked n s e sub)). unfold told_writers, blocked.
  destruct (is_open_full (control_of s)); cbn [andb].
  - destruct (is_open_full (to_control (chosen s e sub))) eqn:O; cbn [negb].
    + fold (worked n s e sub). cbn. rewrite C, O, app_nil_r. cbn. split; [reflexivity|exact D].
    + cbn [actions to_control by_rule answers]. rewrite fold_left_app.
      fold (worked n s e sub). destruct (worked n s e sub) as [a ps q err es hs].
      cbn in *. unfold pack in *. cbn in *. rewrite C, O. cbn. split; [reflexivity|exact D].
  - fold (worked n s e sub). cbn. rewrite app_nil_r. split; [reflexivity|exact D].
Qed.

End Did.
