(** * A stream state registry: what an op does to data

    The table (Table.v) decides. Here are the data of one stream and what the table's actions do
    to them ([react]), then the whole registry ([step]).

    A chunk is anything that has a length, an error value is anything at all, and the numbers of
    streams, pulls and places count from 1. *)

From Coq Require Import List Arith Bool.
From Streamstate Require Export Table.
Import ListNotations.
Set Implicit Arguments.
Set Contextual Implicit.

(** ** One stream *)

Section Registry.
Variables Chunk Err : Type.
Variable len : Chunk -> nat.
Variable d : dialect.
Variable lim : limits.

Inductive status := Open | Closed | Failed (value : Err) (closed : bool).

(** [given_back]: chunks of cancelled pulls, with their places in the order of accepted pushes;
    [fresh]: those never taken, which are the last ones accepted, so that their places follow. *)
Record queue := Queue { given_back : list (nat * Chunk); fresh : list Chunk }.

(** A push that waits: its number, and its chunk, which nobody has accepted. *)
Notation offer := (nat * Chunk)%type.

(** A stream with a waiting pull is open and has nothing queued, and one with a waiting push is
    open or closed, and not errored: no value says otherwise. *)
Inductive stream :=
  | Waiting (accepted first : nat) (others : list nat)
  | Idle (accepted : nat) (st : status) (q : queue)
  | PushesWaiting (closed : bool) (accepted : nat) (q : queue) (first : offer) (others : list offer).

Record handed := Handed { h_pull : nat; h_stream : nat; h_place : nat; h_chunk : Chunk }.

Record view := View {
  v_queue : list Chunk; v_size : nat; v_closed : bool; v_error : option Err; v_waiting : bool }.

Inductive value := Number (n : nat) | Truth (b : bool) | Shown (v : option view).
Inductive reason := Errored (v : Err) | Deleted | Superseded | Refused | Ended.
Inductive result := Brought (c : Chunk) | Done.
Inductive effect :=
  | Returned (v : value) | Resolved (p : nat) (r : result) | Rejected (p : nat) (r : reason)
  | Abandoned (p : nat) | Unblocked (n : nat) | Accepted (p : nat) | TurnedAway (p : nat) (r : reason).

Definition no_chunks := Queue [] [].
Definition chunks q := map snd (given_back q) ++ fresh q.
Definition size q := list_sum (map len (chunks q)).

Definition level_of (count bytes : nat) : level :=
  let full := (high_water_mark lim <=? bytes) || (max_queue_chunks lim <=? count) in
  if count =? 0 then if full then UNBUFFERED else EMPTY else if full then FULL else SOME.

(** Without room: a push would have to wait, or be refused. *)
Definition room_at (l : level) := match l with EMPTY | SOME => true | FULL | UNBUFFERED => false end.

Definition phase_of st :=
  match st with
  | Open => OPEN | Closed => CLOSED | Failed _ c => if c then CLOSED_ERRORED else ERRORED
  end.

Definition control_of (s : option stream) : control :=
  match s with
  | None => ABSENT
  | Some (Waiting _ _ _) => WAITING
  | Some (Idle _ st q) => At (phase_of st) (level_of (length (chunks q)) (size q))
  | Some (PushesWaiting b _ q _ _) => pushes_waiting b (level_of (length (chunks q)) (size q))
  end.

Definition view_of (s : stream) : view :=
  match s with
  | Waiting _ _ _ => View [] 0 false None true
  | Idle _ Open q => View (chunks q) (size q) false None false
  | Idle _ Closed q => View (chunks q) (size q) true None false
  | Idle _ (Failed e c) q => View (chunks q) (size q) c (Some e) false
  | PushesWaiting b _ q _ _ => View (chunks q) (size q) b None false
  end.

(** The oldest chunk with its place, and the queue without it. *)
Definition oldest accepted q : option (nat * Chunk * queue) :=
  match given_back q, fresh q with
  | g :: gs, _ => Some (g, Queue gs (fresh q))
  | [], c :: cs => Some (accepted - length cs, c, Queue [] cs)
  | [], [] => None
  end.

Fixpoint insert (g : nat * Chunk) gs :=
  match gs with
  | h :: hs => if fst h <? fst g then h :: insert g hs else g :: gs
  | [] => [g]
  end.

Fixpoint remove_first p (ps : list nat) :=
  match ps with [] => [] | q :: qs => if q =? p then qs else q :: remove_first p qs end.

Fixpoint without_push p (os : list offer) :=
  match os with [] => [] | o :: rest => if fst o =? p then rest else o :: without_push p rest end.

Definition append q c := Queue (given_back q) (fresh q ++ [c]).

(** The queue once waiting pushes are accepted, oldest first, as long as it is not full; the pushes
    that are, and those that are not. *)
Fixpoint admitting q (os : list offer) : queue * list offer * list offer :=
  match os with
  | [] => (q, [], [])
  | o :: rest =>
      if room_at (level_of (length (chunks q)) (size q))
      then let '(q', ins, outs) := admitting (append q (snd o)) rest in (q', o :: ins, outs)
      else (q, [], os)
  end.

(** What an event is about, besides its stream; of a push, the number that it takes if it waits. *)
Record subject := Subject {
  of_pull : nat; of_chunk : option Chunk; of_place : nat; of_error : option Err; of_push : nat }.

Definition queue_of (s : option stream) :=
  match s with Some (Idle _ _ q | PushesWaiting _ _ q _ _) => q | _ => no_chunks end.
Definition offers_of (s : option stream) :=
  match s with Some (PushesWaiting _ _ _ o os) => o :: os | _ => [] end.

(** A pull on a stream on which pushes wait accepts those for which it makes room or, where nothing is
    queued, the oldest, whose chunk it takes itself. *)
Definition admitted s : queue * list offer * list offer :=
  match oldest 0 (queue_of s), offers_of s with
  | Some (_, q'), os => admitting q' os
  | None, o :: os => (queue_of s, [o], os)
  | None, [] => (queue_of s, [], [])
  end.

Definition level_after s e sub : level :=
  let q := queue_of s in
  match e, of_chunk sub with
  | (PUSH | CANCEL_HANDED), Some c => level_of (S (length (chunks q))) (size q + len c)
  | PULL, _ => let '(q', _, _) := admitted s in level_of (length (chunks q')) (size q')
  | _, _ => level_of (length (chunks q)) (size q)
  end.

Definition others_wait s e : bool :=
  match s, e with
  | Some (Waiting _ _ (_ :: _)), _ => true
  | Some (PushesWaiting _ _ _ _ _), PULL => match admitted s with (_, _, _ :: _) => true | _ => false end
  | Some (PushesWaiting _ _ _ _ (_ :: _)), _ => true
  | _, _ => false
  end.

(** A stream taken apart while the actions of one op are done to it, and what they did. *)
Record work := Work {
  w_accepted : nat; w_pulls : list nat; w_queue : queue; w_error : option Err;
  w_effects : list effect; w_handed : list handed; w_pushes : list offer }.

Definition unpack (s : option stream) : work :=
  match s with
  | None => Work 0 [] no_chunks None [] [] []
  | Some (Waiting a p ps) => Work a (p :: ps) no_chunks None [] [] []
  | Some (Idle a (Failed e _) q) => Work a [] q (Some e) [] [] []
  | Some (Idle a _ q) => Work a [] q None [] [] []
  | Some (PushesWaiting _ a q o os) => Work a [] q None [] [] (o :: os)
  end.

(** An action that lacks what it needs does nothing: [react_did] shows that none ever does. *)
Definition perform n sub (w : work) (act : action) : work :=
  let '(Work a ps q err es hs os) := w in
  let me := of_pull sub in
  let tell more := Work a ps q err (es ++ more) hs os in
  let tell_all f := Work a [] q err (es ++ map f ps) hs os in
  let turn_away r := Work a ps q err (es ++ map (fun o => TurnedAway (fst o) r) os) hs [] in
  let hand a' p ps' place c q' :=
    Work a' ps' q' err (es ++ [Resolved p (Brought c)]) (hs ++ [Handed p n place c]) os in
  match act, of_chunk sub, ps, err with
  | APPEND, Some c, _, _ => Work (S a) ps (append q c) err es hs os
  | HAND_QUEUED, _, _, _ =>
      match oldest a q with Some (place, c, q') => hand a me ps place c q' | None => w end
  | HAND_PUSHED, Some c, p :: ps', _ => hand (S a) p ps' (S a) c q
  | HAND_ON, Some c, p :: ps', _ => hand a p ps' (of_place sub) c q
  | GIVE_BACK, Some c, _, _ =>
      Work a ps (Queue (insert (of_place sub, c) (given_back q)) (fresh q)) err es hs os
  | DROP_QUEUED, _, _, _ => Work a ps no_chunks err es hs os
  | SET_ERROR, _, _, _ => Work a ps q (of_error sub) es hs os
  | WAIT, _, _, _ => Work a (ps ++ [me]) q err es hs os
  | LEAVE, _, _, _ => Work a (remove_first me ps) q err es hs os
  | FINISH, _, _, _ => tell [Resolved me Done]
  | FAIL, _, _, Some v => tell [Rejected me (Errored v)]
  | REFUSE, _, _, _ => tell [Rejected me Refused]
  | SUPERSEDE_WAITING, _, p :: ps', _ => Work a ps' q err (es ++ [Rejected p Superseded]) hs os
  | ABANDON_WAITING, _, p :: ps', _ => Work a ps' q err (es ++ [Abandoned p]) hs os
  | FINISH_WAITING, _, _, _ => tell_all (fun p => Resolved p Done)
  | FAIL_WAITING, _, _, Some v => tell_all (fun p => Rejected p (Errored v))
  | DELETE_WAITING, _, _, _ => tell_all (fun p => Rejected p Deleted)
  | WAIT_PUSH, Some c, _, _ => Work a ps q err es hs (os ++ [(of_push sub, c)])
  | ADMIT, _, _, _ =>
      let '(q', ins, outs) := admitting q os in
      Work (a + length ins) ps q' err (es ++ map (fun o => Accepted (fst o)) ins) hs outs
  | HAND_OFFERED, _, _, _ =>
      match os with
      | (p, c) :: os' =>
          Work (S a) ps q err (es ++ [Resolved me (Brought c); Accepted p])
            (hs ++ [Handed me n (S a) c]) os'
      | [] => w
      end
  | CLOSE_PUSHES, _, _, _ => turn_away Ended
  | FAIL_PUSHES, _, _, Some v => turn_away (Errored v)
  | DELETE_PUSHES, _, _, _ => turn_away Deleted
  | LEAVE_PUSH, _, _, _ => Work a ps q err es hs (without_push (of_push sub) os)
  | UNBLOCK, _, _, _ => tell [Unblocked n]
  | _, _, _, _ => w
  end.

(** Put together again, in the situation that the table says. *)
Definition pack (w : work) (c : control) : option stream :=
  let idle st := Some (Idle (w_accepted w) st (w_queue w)) in
  match c, w_pulls w, w_error w, w_pushes w with
  | WAITING, p :: ps, _, _ => Some (Waiting (w_accepted w) p ps)
  | At OPEN _, _, _, _ => idle Open
  | At CLOSED _, _, _, _ => idle Closed
  | At ERRORED _, _, Some e, _ => idle (Failed e false)
  | At CLOSED_ERRORED _, _, Some e, _ => idle (Failed e true)
  | (PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED), _, _, o :: os =>
      Some (PushesWaiting false (w_accepted w) (w_queue w) o os)
  | (CLOSING | CLOSING_UNBUFFERED), _, _, o :: os =>
      Some (PushesWaiting true (w_accepted w) (w_queue w) o os)
  | _, _, _, _ => None
  end.

Record reaction := Reaction {
  r_rule : rule; r_returned : option bool; r_stream : option stream;
  r_effects : list effect; r_handed : list handed }.

Definition react n s e sub : reaction :=
  let t := delta d (level_of 0 0) (control_of s) e (level_after s e sub) (others_wait s e) in
  let w := fold_left (perform n sub) (actions t) (unpack s) in
  Reaction (by_rule t) (answers t) (pack w (to_control t)) (w_effects w) (w_handed w).

(** ** The registry *)

Inductive op :=
  | Create | Get (n : nat) | Push (n : nat) (c : Chunk) | Pull (n : nat) | Close (n : nat)
  | Error (n : nat) (v : Err) | IsQueueFull (n : nat) | Delete (n : nat) | Clear
  | CancelPull (p : nat) | Seen (p : nat) | CancelPush (p : nat).

(** Streams are in the order of creation; [held] chunks were handed to pulls whose awaiters have
    not looked, in the order of handing. *)
Record state := State {
  next_stream : nat; next_pull : nat; streams : list (nat * stream); held : list handed;
  next_push : nat }.

Definition initial := State 1 1 [] [] 1.

Fixpoint find n (ss : list (nat * stream)) : option stream :=
  match ss with
  | [] => None
  | (m, s) :: rest => if m =? n then Some s else find n rest
  end.

Fixpoint put n (x : option stream) (ss : list (nat * stream)) : list (nat * stream) :=
  match ss, x with
  | [], Some s => [(n, s)]
  | [], None => []
  | (m, s) :: rest, _ =>
      if m =? n then match x with Some s' => (n, s') :: rest | None => rest end
      else (m, s) :: put n x rest
  end.

(** The chunk that pull [p] holds, and the other chunks held. *)
Fixpoint release p (hs : list handed) : option (handed * list handed) :=
  match hs with
  | [] => None
  | h :: rest =>
      if h_pull h =? p then Some (h, rest)
      else match release p rest with Some (x, others) => Some (x, h :: others) | None => None end
  end.

Definition waits_on p (s : stream) : bool :=
  match s with Waiting _ q qs => existsb (Nat.eqb p) (q :: qs) | _ => false end.

Definition waiter_of p (ss : list (nat * stream)) : option (nat * stream) :=
  List.find (fun ns => waits_on p (snd ns)) ss.

Definition pushes_on p (s : stream) : bool := existsb (fun o => p =? fst o) (offers_of (Some s)).

Definition pusher_of p (ss : list (nat * stream)) : option (nat * stream) :=
  List.find (fun ns => pushes_on p (snd ns)) ss.

Definition is_waiting (s : stream) := match s with Waiting _ _ _ => true | _ => false end.
Definition has_pushes (s : stream) := match s with PushesWaiting _ _ _ _ _ => true | _ => false end.

Definition about := Subject 0 None 0 None 0.

(** A push that waits returns nothing, and takes the next push number. *)
Definition begun (e : event) (ret : option bool) : nat :=
  match e, ret with PUSH, None => 1 | _, _ => 0 end.

Definition on_stream (st : state) n e sub : rule * state * list effect :=
  let r := react n (find n (streams st)) e sub in
  (r_rule r,
   State (next_stream st) (next_pull st) (put n (r_stream r) (streams st)) (held st ++ r_handed r)
     (begun e (r_returned r) + next_push st),
   match r_returned r with Some b => [Returned (Truth b)] | None => [] end ++ r_effects r).

Definition returning v (out : rule * state * list effect) :=
  let '(r, st, es) := out in (r, st, Returned v :: es).

Definition deletion (ns : nat * stream) := r_effects (react (fst ns) (Some (snd ns)) DELETE about).

Definition step (st : state) (o : op) : rule * state * list effect :=
  let '(State ns np ss hs nq) := st in
  match o with
  | Create => returning (Number ns) (on_stream (State (S ns) np ss hs nq) ns CREATE about)
  | Get n => returning (Shown (option_map view_of (find n ss))) (on_stream st n GET about)
  | Push n c => on_stream st n PUSH (Subject 0 (Some c) 0 None nq)
  | Pull n => on_stream (State ns (S np) ss hs nq) n PULL (Subject np None 0 None 0)
  | Close n => on_stream st n CLOSE about
  | Error n v => on_stream st n ERROR (Subject 0 None 0 (Some v) 0)
  | IsQueueFull n => on_stream st n IS_QUEUE_FULL about
  | Delete n => on_stream st n DELETE about
  | Clear => (if existsb (fun ns => has_pushes (snd ns)) ss then CLEAR_3
              else if existsb (fun ns => is_waiting (snd ns)) ss then CLEAR_2 else CLEAR_1,
              State ns np [] hs nq, flat_map deletion ss)
  | CancelPull p =>
      match release p hs, waiter_of p ss with
      | Some (Handed _ n place c, others), _ =>
          on_stream (State ns np ss others nq) n CANCEL_HANDED (Subject p (Some c) place None 0)
      | None, Some (n, _) => on_stream st n CANCEL_WAITING (Subject p None 0 None 0)
      | None, None => on_stream st 0 CANCEL_OTHER about
      end
  | Seen p =>
      match release p hs with
      | Some (h, others) => on_stream (State ns np ss others nq) (h_stream h) SEEN_HANDED about
      | None => on_stream st 0 SEEN_OTHER about
      end
  | CancelPush p =>
      match pusher_of p ss with
      | Some (n, _) => on_stream st n CANCEL_WAITING_PUSH (Subject 0 None 0 None p)
      | None => on_stream st 0 CANCEL_OTHER_PUSH about
      end
  end.

End Registry.
