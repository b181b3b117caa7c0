(** * Each action does what its sentence says, and nothing else

    The sentences are those of [Action] in the Python model. Of the seven fields of [work] a theorem
    names those that change: the functions below change one field each. What a theorem asks for
    holds wherever the table has the action ([unpack_sound], [give_back_fits], [react_did]). *)

From Coq Require Import List Arith Bool Lia.
From Streamstate Require Export Pushes.
Import ListNotations.
Set Implicit Arguments.

Section Actions.
Context {Chunk Err : Type}.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Notation stream := (stream Chunk Err).
Notation state := (state Chunk Err).
Notation work := (work Chunk Err).
Notation effect := (effect Chunk Err).

Notation perform := (perform len lim).

Implicit Types (w : work) (sub : subject Chunk Err) (q : queue Chunk).

Definition with_accepted a w :=
  Work a (w_pulls w) (w_queue w) (w_error w) (w_effects w) (w_handed w) (w_pushes w).
Definition with_pulls ps w :=
  Work (w_accepted w) ps (w_queue w) (w_error w) (w_effects w) (w_handed w) (w_pushes w).
Definition with_queue q w :=
  Work (w_accepted w) (w_pulls w) q (w_error w) (w_effects w) (w_handed w) (w_pushes w).
Definition with_error e w :=
  Work (w_accepted w) (w_pulls w) (w_queue w) e (w_effects w) (w_handed w) (w_pushes w).
Definition telling es w :=
  Work (w_accepted w) (w_pulls w) (w_queue w) (w_error w) (w_effects w ++ es) (w_handed w) (w_pushes w).
Definition holding h w :=
  Work (w_accepted w) (w_pulls w) (w_queue w) (w_error w) (w_effects w) (w_handed w ++ [h]) (w_pushes w).

Definition with_pushes os w :=
  Work (w_accepted w) (w_pulls w) (w_queue w) (w_error w) (w_effects w) (w_handed w) os.

(** Pull [p] is handed a chunk of stream [n]: it is told, and holds the chunk until it is seen. *)
Definition handing n p place c w :=
  telling [Resolved p (Brought c)] (holding (Handed p n place c) w).

(** What is queued, each chunk in its place in the order of pushes, oldest first. *)
Definition placed n a q := queued n (Some (Idle a Open q) : option stream).
Definition in_queue n w := placed n (w_accepted w) (w_queue w).

(** What holds of a stream taken apart: the pulls are in the order of their calls, the pushes in the
    order in which they began to wait, and the queued chunks in the order of pushes, each in a place
    of its own. *)
Definition sound w :=
  (exists next, rising 1 next (w_pulls w)) /\ (exists next, rising 1 next (map fst (w_pushes w))) /\
  length (fresh (w_queue w)) <= w_accepted w /\
  exists n, rising 1 (S (w_accepted w)) (map place_of (in_queue n w)).

Lemma unpack_sound n st : reachable len d lim st -> sound (unpack (find n (streams st))).
Proof.
  intros R. pose proof (queues_are_in_order n R) as [_ O]. unfold queued_on in O.
  destruct (reachable_wellformed R) as (_ & _ & _ & W & _). specialize (W n).
  destruct (pushes_wait_in_order n R) as [_ L]. unfold line_on in L.
  destruct (find n (streams st)) as [[a p ps|a s q|closed a q o os]|]; [| | |].
  - destruct (W _ eq_refl) as [P _]. split; [exists (next_pull st); exact P|].
    split; [exists 0; exact I|]. split; [cbn; lia|exists n; exact I].
  - destruct (W _ eq_refl) as [F _]. destruct s; (split; [exists 0; exact I|]);
      (split; [exists 0; exact I|]); (split; [exact F|exists n; exact O]).
  - destruct (W _ eq_refl) as [F _]. split; [exists 0; exact I|]. split; [exists (next_push st); exact L|].
    split; [exact F|exists n; exact O].
  - split; [exists 0; exact I|]. split; [exists 0; exact I|]. split; [cbn; lia|exists n; exact I].
Qed.

(** So it is with a chunk that is given back: the place that it was taken from is free. *)
Lemma give_back_fits p h others (s : stream) (st : state) : reachable len d lim st ->
  release p (held st) = Some (h, others) -> find (h_stream h) (streams st) = Some s ->
  h_place h <= taken s /\ ~ In (h_place h) (map place_of (queued (h_stream h) (Some s))).
Proof.
  intros R L F. destruct (release_some _ _ L) as (_ & I & _).
  destruct (reachable_wellformed R) as (_ & _ & _ & _ & W). destruct (W h I) as (_ & _ & _ & T).
  split; [exact (T _ F)|]. intros J. apply in_map_iff in J. destruct J as (i & E & J).
  assert (N : stream_of i = h_stream h) by (eapply (queued_stream len); exact J).
  pose proof (places_are_used_once (h_stream h) (h_place h) R) as U.
  assert (1 <= Chunks.count (there (h_stream h) (h_place h)) (all_held st)).
  { apply (in_there (item_of h)), in_map, I. }
  pose proof (queued_all (there (h_stream h) (h_place h)) (h_stream h) st) as Q.
  unfold queued_on in Q. rewrite F in Q.
  apply in_there in J. rewrite N, E in J. lia.
Qed.

Lemma places_alike n m (s : option stream) : map place_of (queued n s) = map place_of (queued m s).
Proof.
  destruct s as [[|a st q|closed a q o os]|]; try reflexivity; cbn; rewrite !map_app, !map_map; f_equal;
    generalize (a - length (fresh q)); induction (fresh q); intros from; cbn; f_equal; auto.
Qed.

Lemma sound_rising n w : sound w -> rising 1 (S (w_accepted w)) (map place_of (in_queue n w)).
Proof. intros (_ & _ & _ & m & R). unfold in_queue, placed in *. rewrite (places_alike n m). exact R. Qed.

Lemma oldest_pull w p ps : sound w -> w_pulls w = p :: ps -> forall later, In later ps -> p < later.
Proof.
  intros ((np & R) & _) E later I. rewrite E in R. destruct R as [_ R].
  eapply rising_in in R; [|exact I]. lia.
Qed.

Lemma insert_split lo hi (g : nat * Chunk) gs : rising lo hi (map fst gs) -> exists older younger,
  gs = older ++ younger /\ insert g gs = older ++ g :: younger
  /\ (forall h, In h older -> fst h < fst g) /\ (forall h, In h younger -> fst g <= fst h).
Proof.
  revert lo. induction gs as [|h gs IH]; intros lo R.
  - exists [], []. repeat split; intros h [].
  - cbn [map insert] in *. destruct R as [L R]. destruct (Nat.ltb_spec (fst h) (fst g)) as [B|B].
    + destruct (IH _ R) as (older & younger & -> & -> & O & Y). exists (h :: older), younger.
      repeat split; [|exact Y]. intros x [<-|I]; [exact B|exact (O x I)].
    + exists [], (h :: gs). repeat split; [intros x []|]. intros x [<-|I]; [exact B|].
      apply (in_map fst) in I. eapply rising_in in R; [|exact I]. lia.
Qed.

(** APPEND: put the pushed chunk at the end of the queue. *)
Theorem append_puts_the_chunk_last n sub w c : of_chunk sub = Some c -> sound w ->
  exists q, perform n sub w APPEND = with_accepted (S (w_accepted w)) (with_queue q w)
    /\ placed n (S (w_accepted w)) q = in_queue n w ++ [(n, S (w_accepted w), c)].
Proof.
  destruct w as [a ps q err es hs os], sub as [me ch place e mine]. cbn [of_chunk]. intros -> (_ & _ & F & _).
  cbn in F. eexists. split; [reflexivity|]. unfold in_queue, placed. cbn [queued w_accepted w_queue given_back fresh].
  rewrite app_length. cbn [length].
  replace (S a - (length (fresh q) + 1)) with (a - length (fresh q)) by lia.
  rewrite in_order_snoc, app_assoc. replace (a - length (fresh q) + length (fresh q)) with a by lia.
  reflexivity.
Qed.

(** HAND_QUEUED: hand the oldest queued chunk to the pull. *)
Theorem hand_queued_hands_the_oldest n sub w place c rest : sound w ->
  in_queue n w = (n, place, c) :: rest ->
  (exists q, perform n sub w HAND_QUEUED = handing n (of_pull sub) place c (with_queue q w)
    /\ placed n (w_accepted w) q = rest)
  /\ forall younger, In younger rest -> place < place_of younger.
Proof.
  intros S Q. split.
  - destruct S as (_ & _ & F & _). unfold in_queue, placed in *. destruct w as [a ps q err es hs os].
    cbn [w_accepted w_queue] in *. destruct (oldest a q) as [[[place' c'] q']|] eqn:O.
    + rewrite (oldest_queued n Open q O F) in Q. injection Q as -> -> <-.
      exists q'. split; [|reflexivity]. cbn. rewrite O. reflexivity.
    + apply oldest_none in O. subst. discriminate Q.
  - pose proof (sound_rising n S) as R. rewrite Q in R. destruct R as [_ R].
    intros i I. apply (in_map place_of) in I. eapply rising_in in R; [|exact I]. cbn in R. lia.
Qed.

(** HAND_PUSHED: hand the pushed chunk to the oldest waiting pull. *)
Theorem hand_pushed_hands_to_the_oldest_pull n sub w c p ps : of_chunk sub = Some c -> sound w ->
  w_pulls w = p :: ps ->
  perform n sub w HAND_PUSHED
    = handing n p (S (w_accepted w)) c (with_pulls ps (with_accepted (S (w_accepted w)) w))
  /\ forall later, In later ps -> p < later.
Proof.
  intros C S P. split; [|exact (oldest_pull S P)].
  destruct w, sub. cbn in *. subst. reflexivity.
Qed.

(** WAIT: let the pull wait, behind any that do. *)
Theorem wait_puts_the_pull_behind n sub w :
  perform n sub w WAIT = with_pulls (w_pulls w ++ [of_pull sub]) w.
Proof. destruct w. reflexivity. Qed.

(** FINISH: settle the pull as done. *)
Theorem finish_settles_the_pull_as_done n sub w :
  perform n sub w FINISH = telling [Resolved (of_pull sub) Done] w.
Proof. destruct w. reflexivity. Qed.

(** FAIL: reject the pull with the stream's error value. *)
Theorem fail_rejects_the_pull_with_the_error n sub w v : w_error w = Some v ->
  perform n sub w FAIL = telling [Rejected (of_pull sub) (Errored v)] w.
Proof. destruct w. cbn. intros ->. reflexivity. Qed.

(** REFUSE: reject the pull as refused. *)
Theorem refuse_rejects_the_pull_as_refused n sub w :
  perform n sub w REFUSE = telling [Rejected (of_pull sub) Refused] w.
Proof. destruct w. reflexivity. Qed.

(** SUPERSEDE_WAITING: reject the waiting pull as superseded. *)
Theorem supersede_waiting_rejects_the_waiting_pull n sub w p : w_pulls w = [p] ->
  perform n sub w SUPERSEDE_WAITING = telling [Rejected p Superseded] (with_pulls [] w).
Proof. destruct w. cbn. intros ->. reflexivity. Qed.

(** ABANDON_WAITING: never settle the waiting pull. It is said to be abandoned and waits no more, so
    that nothing can settle it. *)
Theorem abandon_waiting_settles_nothing n sub w p : w_pulls w = [p] ->
  perform n sub w ABANDON_WAITING = telling [Abandoned p] (with_pulls [] w).
Proof. destruct w. cbn. intros ->. reflexivity. Qed.

(** FINISH_WAITING: settle every waiting pull as done, oldest first, which is how [sound] has them
    stand. So it is for the next two. *)
Theorem finish_waiting_settles_all_as_done n sub w :
  perform n sub w FINISH_WAITING
    = telling (map (fun p => Resolved p Done) (w_pulls w)) (with_pulls [] w).
Proof. destruct w. reflexivity. Qed.

(** FAIL_WAITING: reject every waiting pull with the stream's error value, oldest first. *)
Theorem fail_waiting_rejects_all_with_the_error n sub w v : w_error w = Some v ->
  perform n sub w FAIL_WAITING
    = telling (map (fun p => Rejected p (Errored v)) (w_pulls w)) (with_pulls [] w).
Proof. destruct w. cbn. intros ->. reflexivity. Qed.

(** DELETE_WAITING: reject every waiting pull as deleted, oldest first. *)
Theorem delete_waiting_rejects_all_as_deleted n sub w :
  perform n sub w DELETE_WAITING
    = telling (map (fun p => Rejected p Deleted) (w_pulls w)) (with_pulls [] w).
Proof. destruct w. reflexivity. Qed.

(** LEAVE: end the wait of the pull. The others wait as before. *)
Theorem leave_ends_the_wait n sub w older younger : sound w ->
  w_pulls w = older ++ of_pull sub :: younger ->
  perform n sub w LEAVE = with_pulls (older ++ younger) w /\ ~ In (of_pull sub) (older ++ younger).
Proof.
  intros ((np & R) & _) E. destruct w as [a ps q err es hs os], sub as [me ch place e mine]. cbn in *. subst ps.
  assert (N : ~ In me older /\ ~ In me younger).
  { revert R. generalize 1. induction older as [|x older IH]; intros lo [L R].
    - split; [intros []|]. intros I. eapply rising_in in R; [|exact I]. lia.
    - destruct (IH _ R) as [O Y]. split; [|exact Y]. intros [->|I]; [|exact (O I)].
      eapply rising_in in R; [|apply in_or_app; right; left; reflexivity]. lia. }
  destruct N as [O Y]. split; [|intros I; apply in_app_or in I; tauto].
  unfold with_pulls. cbn. f_equal. clear R Y. induction older as [|x older IH]; cbn in *.
  - rewrite Nat.eqb_refl. reflexivity.
  - destruct (Nat.eqb_spec x me); [tauto|]. f_equal. tauto.
Qed.

(** SET_ERROR: store the given error value. *)
Theorem set_error_stores_the_value n sub w :
  perform n sub w SET_ERROR = with_error (of_error sub) w.
Proof. destruct w. reflexivity. Qed.

(** DROP_QUEUED: drop every queued chunk. *)
Theorem drop_queued_drops_every_chunk n sub w :
  exists q, perform n sub w DROP_QUEUED = with_queue q w /\ placed n (w_accepted w) q = [].
Proof. exists no_chunks. destruct w. split; reflexivity. Qed.

(** HAND_ON: hand the pull's unseen chunk on to the oldest waiting pull. *)
Theorem hand_on_hands_to_the_oldest_pull n sub w c p ps : of_chunk sub = Some c -> sound w ->
  w_pulls w = p :: ps ->
  perform n sub w HAND_ON = handing n p (of_place sub) c (with_pulls ps w)
  /\ forall later, In later ps -> p < later.
Proof.
  intros C S P. split; [|exact (oldest_pull S P)].
  destruct w, sub. cbn in *. subst. reflexivity.
Qed.

(** GIVE_BACK: put the pull's unseen chunk back at its place in the order of pushes. The others stay
    as they are, where they are. *)
Theorem give_back_puts_the_chunk_in_its_place n sub w c : of_chunk sub = Some c -> sound w ->
  of_place sub <= w_accepted w - length (fresh (w_queue w)) ->
  ~ In (of_place sub) (map place_of (in_queue n w)) ->
  exists q older younger, perform n sub w GIVE_BACK = with_queue q w
    /\ in_queue n w = older ++ younger
    /\ placed n (w_accepted w) q = older ++ (n, of_place sub, c) :: younger
    /\ (forall i, In i older -> place_of i < of_place sub)
    /\ (forall i, In i younger -> of_place sub < place_of i).
Proof.
  intros C S T N. pose proof (sound_rising n S) as R. destruct S as (_ & _ & F & _).
  destruct w as [a ps q err es hs os], sub as [me ch place e mine].
  unfold in_queue, placed in *. cbn [w_accepted w_queue of_place of_chunk queued] in *. subst ch.
  rewrite map_app, map_map in R, N. cbn [place_of fst snd] in R, N.
  destruct (@insert_split 1 (S a) (place, c) (given_back q)) as (older & younger & E & G & O & Y).
  { clear - R. revert R. generalize 1. induction (given_back q); cbn; firstorder. }
  exists (Queue (insert (place, c) (given_back q)) (fresh q)),
    (map (fun g => (n, fst g, snd g)) older),
    (map (fun g => (n, fst g, snd g)) younger ++ in_order n (a - length (fresh q)) (fresh q)).
  split; [reflexivity|]. cbn [given_back fresh]. rewrite G. rewrite E at 1. rewrite !map_app, <- !app_assoc.
  repeat split.
  - intros i I. apply in_map_iff in I. destruct I as (h & <- & I). exact (O h I).
  - intros i I. assert (place <= place_of i /\ place <> place_of i) as [L D]; [|lia]. split.
    + apply in_app_or in I. destruct I as [I|I].
      * apply in_map_iff in I. destruct I as (h & <- & I). exact (Y h I).
      * apply (in_map place_of) in I.
        eapply climbing_in in I; [|apply in_order_climbing]. lia.
    + intros ->. apply N. rewrite E, map_app. apply in_app_or in I. rewrite !in_app_iff.
      destruct I as [I|I]; [left; right|right; apply in_map; exact I].
      apply in_map_iff in I. destruct I as (h & <- & I). apply in_map_iff. exists h. auto.
Qed.

Lemma nothing_handed_yet (s : option stream) : w_handed (unpack s) = [].
Proof. destruct s as [[|a [] q|]|]; reflexivity. Qed.

Lemma let_go_hands_nothing n (s : option stream) e sub :
  e = SEEN_HANDED \/
    e = CANCEL_HANDED /\ In (r_rule (react len d lim n s e sub)) [CANCEL_PULL_7; CANCEL_PULL_8] ->
  r_handed (react len d lim n s e sub) = [].
Proof.
  unfold react. generalize (level_after len lim s e sub). intros l.
  generalize (others_wait len lim s e). intros b E.
  pose proof (nothing_handed_yet s) as H. destruct (unpack s) as [a ps q err es hs os]. cbn in H. subst hs.
  destruct (control_of len lim s) as [| |[] []| | | |], E as [->|[-> E]]; cbn in *; try reflexivity;
    destruct l; try destruct (errored_backlog d); cbn in *; try reflexivity; intuition discriminate.
Qed.

(** LET_GO: release the pull's hold on its chunk. Nothing becomes of the stream; what a pull holds
    is the registry's to keep, and after an op that comes to this action it is gone from there. *)
Theorem let_go_ends_the_hold n sub w : perform n sub w LET_GO = w
  /\ forall (st : state) o p h others, release p (held st) = Some (h, others) ->
    o = Seen p \/ o = CancelPull p /\ In (rule_of len d lim st o) [CANCEL_PULL_7; CANCEL_PULL_8] ->
    held (after len d lim st o) = others.
Proof.
  split; [destruct w; reflexivity|]. intros [ns np ss hs] o p h others R O. cbn [held] in R.
  unfold after, rule_of in *. destruct O as [->|[-> O]]; cbn [step] in *; rewrite R in *.
  - cbn [on_stream fst snd held]. rewrite let_go_hands_nothing by tauto. apply app_nil_r.
  - destruct h as [p' n' place c]. cbn [on_stream fst snd held] in *.
    rewrite let_go_hands_nothing by tauto. apply app_nil_r.
Qed.

(** WAIT_PUSH: let the push wait, behind any that do. *)
Theorem wait_push_puts_the_push_behind n sub w c : of_chunk sub = Some c ->
  perform n sub w WAIT_PUSH = with_pushes (w_pushes w ++ [(of_push sub, c)]) w.
Proof. destruct w, sub. cbn. intros ->. reflexivity. Qed.

(** ADMIT: accept waiting pushes, oldest first, as long as the queue is not full. Each is accepted
    where there is room, and where some go on waiting there is none left. *)
Theorem admit_accepts_while_there_is_room n sub w : sound w -> exists q ins outs,
  w_pushes w = ins ++ outs
  /\ perform n sub w ADMIT = telling (map (fun o => Accepted (fst o)) ins)
       (with_accepted (w_accepted w + length ins) (with_queue q (with_pushes outs w)))
  /\ placed n (w_accepted w + length ins) q = in_queue n w ++ in_order n (w_accepted w) (map snd ins)
  /\ (outs <> [] -> room_at (level_of lim (length (chunks q)) (size len q)) = false)
  /\ forall before x rest, ins = before ++ x :: rest ->
       let q' := Queue (given_back (w_queue w)) (fresh (w_queue w) ++ map snd before) in
       room_at (level_of lim (length (chunks q')) (size len q')) = true.
Proof.
  intros (_ & _ & F & _). destruct w as [a ps q err es hs os]. cbn [w_accepted w_queue w_pushes] in *.
  destruct (admitting len lim q os) as [[q' ins] outs] eqn:A. exists q', ins, outs.
  destruct (admit_spec _ _ _ _ A) as (E & G & X & M). split; [exact E|]. split; [|split; [|split; [exact M|]]].
  - cbn. rewrite A. reflexivity.
  - unfold placed, in_queue. apply (queued_admit len lim n Open _ _ A F).
  - intros before x rest I. eapply admit_room; [exact A|exact I].
Qed.

(** CLOSE_PUSHES: turn away every waiting push as closed, oldest first, which is how [sound] has them
    stand. So it is for the next two. *)
Theorem close_pushes_turns_all_away_as_closed n sub w :
  perform n sub w CLOSE_PUSHES
    = telling (map (fun o => TurnedAway (fst o) Ended) (w_pushes w)) (with_pushes [] w).
Proof. destruct w. reflexivity. Qed.

(** FAIL_PUSHES: turn away every waiting push with the stream's error value, oldest first. *)
Theorem fail_pushes_turns_all_away_with_the_error n sub w v : w_error w = Some v ->
  perform n sub w FAIL_PUSHES
    = telling (map (fun o => TurnedAway (fst o) (Errored v)) (w_pushes w)) (with_pushes [] w).
Proof. destruct w. cbn. intros ->. reflexivity. Qed.

(** DELETE_PUSHES: turn away every waiting push as deleted, oldest first. *)
Theorem delete_pushes_turns_all_away_as_deleted n sub w :
  perform n sub w DELETE_PUSHES
    = telling (map (fun o => TurnedAway (fst o) Deleted) (w_pushes w)) (with_pushes [] w).
Proof. destruct w. reflexivity. Qed.

(** LEAVE_PUSH: end the wait of the push. The others wait as before, and its chunk is nowhere. *)
Theorem leave_push_ends_the_wait n sub w older c younger : sound w ->
  w_pushes w = older ++ (of_push sub, c) :: younger ->
  perform n sub w LEAVE_PUSH = with_pushes (older ++ younger) w
  /\ ~ In (of_push sub) (map fst (older ++ younger)).
Proof.
  intros (_ & (np & R) & _) E. destruct w as [a ps q err es hs os], sub as [me ch place e mine].
  cbn [w_pushes of_push] in *. subst os. rewrite map_app in R. cbn [map fst] in R.
  assert (N : ~ In mine (map fst older) /\ ~ In mine (map fst younger)).
  { revert R. generalize 1. induction older as [|x older IH]; intros lo [L R].
    - split; [intros []|]. intros I. eapply rising_in in R; [|exact I]. lia.
    - destruct (IH _ R) as [O Y]. split; [|exact Y]. intros [X|I]; [|exact (O I)]. rewrite X in R.
      eapply rising_in in R; [|apply in_or_app; right; left; reflexivity]. lia. }
  destruct N as [O Y]. split; [|rewrite map_app; intros I; apply in_app_or in I; tauto].
  unfold with_pushes. cbn. f_equal. clear R Y. induction older as [|[k y] older IH]; cbn in *.
  - rewrite Nat.eqb_refl. reflexivity.
  - destruct (Nat.eqb_spec k mine) as [Z|Z]; [destruct O; left; exact Z|].
    f_equal. apply IH. intros V. apply O. right. exact V.
Qed.

(** HAND_OFFERED: accept the oldest waiting push and hand its chunk to the pull. It gets the next place. *)
Theorem hand_offered_hands_the_oldest_push_on n sub w p c os : w_pushes w = (p, c) :: os ->
  perform n sub w HAND_OFFERED
    = telling [Accepted p] (handing n (of_pull sub) (S (w_accepted w)) c
        (with_accepted (S (w_accepted w)) (with_pushes os w))).
Proof. destruct w. cbn. intros ->. unfold handing, telling, holding. cbn. rewrite <- app_assoc. reflexivity. Qed.

(** UNBLOCK: tell waiting writers that the stream is no longer blocked. *)
Theorem unblock_tells_the_writers n sub w : perform n sub w UNBLOCK = telling [Unblocked n] w.
Proof. destruct w. reflexivity. Qed.

End Actions.
