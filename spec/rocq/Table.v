(** * The table: what every op means in every situation

    First what differs between registries ([dialect], [limits]), then the names of the rules, then
    [delta], which decides everything and knows no data. It is total and finite. The rules'
    sentences are in semantics.md; what the actions do to data is in Streamstate.v. Rules, levels,
    phases, situations, events and actions have the names that the Python model has for them. *)

From Coq Require Import List Bool.
Import ListNotations.
Set Implicit Arguments.

(** ** What differs between registries *)

Inductive overlapping := overwrite | supersede | refuse_pull | queue_pulls.
Inductive backlog := hold | drain | drop.
Inductive when_closed := apply | ignore | while_queued.
Inductive repeated := replace | keep.
Inductive when_full := accept | refuse_push | wait_push | wait_through_close.

Record dialect := Dialect {
  overlapping_pull : overlapping; errored_backlog : backlog; error_when_closed : when_closed;
  repeated_error : repeated; push_when_full : when_full }.

(** Whether a push that finds no room waits. *)
Definition lets_wait d :=
  match push_when_full d with accept | refuse_push => false | wait_push | wait_through_close => true end.

Record limits := Limits { high_water_mark : nat; max_queue_chunks : nat }.

(** ** Rules: every way that a transition can go *)

Inductive rule :=
  | CREATE_1 | GET_1 | GET_2
  | PUSH_1 | PUSH_2 | PUSH_3 | PUSH_4 | PUSH_5 | PUSH_6 | PUSH_7
  | PUSH_9
  | PULL_1 | PULL_2 | PULL_3 | PULL_4 | PULL_5 | PULL_6 | PULL_7 | PULL_8 | PULL_9 | PULL_10
  | PULL_11 | PULL_12 | PULL_14 | PULL_15
  | CLOSE_1 | CLOSE_2 | CLOSE_3 | CLOSE_4 | CLOSE_5 | CLOSE_6 | CLOSE_7
  | ERROR_1 | ERROR_2 | ERROR_3 | ERROR_4 | ERROR_5 | ERROR_6 | ERROR_7 | ERROR_8 | ERROR_9
  | ERROR_10 | ERROR_11 | ERROR_12 | ERROR_13 | ERROR_14
  | IS_QUEUE_FULL_1 | IS_QUEUE_FULL_2 | IS_QUEUE_FULL_3
  | DELETE_1 | DELETE_2 | DELETE_3 | DELETE_4 | CLEAR_1 | CLEAR_2 | CLEAR_3
  | CANCEL_PULL_1 | CANCEL_PULL_2 | CANCEL_PULL_3 | CANCEL_PULL_4 | CANCEL_PULL_5
  | CANCEL_PULL_6 | CANCEL_PULL_7 | CANCEL_PULL_8 | CANCEL_PULL_9
  | SEEN_1 | SEEN_2 | CANCEL_PUSH_1 | CANCEL_PUSH_2.

(** ** The table *)

(** [UNBUFFERED]: nothing is queued, and the queue is full all the same, because a limit is zero. *)
Inductive level := EMPTY | SOME | FULL | UNBUFFERED.
Inductive phase := OPEN | CLOSED | ERRORED | CLOSED_ERRORED.

(** Twenty-two situations: unknown, open with a pull waiting, four phases at four levels, and full with
    a push waiting, open or closed, something being queued or not. *)
Inductive control :=
  | ABSENT | WAITING | At (p : phase) (l : level) | PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED
  | CLOSING | CLOSING_UNBUFFERED.
Definition pushes_waiting (closed : bool) (l : level) :=
  match l with
  | UNBUFFERED => if closed then CLOSING_UNBUFFERED else PUSHES_WAITING_UNBUFFERED
  | _ => if closed then CLOSING else PUSHES_WAITING
  end.
Notation OPEN_EMPTY := (At OPEN EMPTY).
Notation OPEN_SOME := (At OPEN SOME).
Notation OPEN_FULL := (At OPEN FULL).
Notation OPEN_UNBUFFERED := (At OPEN UNBUFFERED).
Notation CLOSED_EMPTY := (At CLOSED EMPTY).
Notation CLOSED_SOME := (At CLOSED SOME).
Notation CLOSED_FULL := (At CLOSED FULL).
Notation CLOSED_UNBUFFERED := (At CLOSED UNBUFFERED).
Notation ERRORED_EMPTY := (At ERRORED EMPTY).
Notation ERRORED_SOME := (At ERRORED SOME).
Notation ERRORED_FULL := (At ERRORED FULL).
Notation ERRORED_UNBUFFERED := (At ERRORED UNBUFFERED).
Notation CLOSED_ERRORED_EMPTY := (At CLOSED_ERRORED EMPTY).
Notation CLOSED_ERRORED_SOME := (At CLOSED_ERRORED SOME).
Notation CLOSED_ERRORED_FULL := (At CLOSED_ERRORED FULL).
Notation CLOSED_ERRORED_UNBUFFERED := (At CLOSED_ERRORED UNBUFFERED).

Inductive event :=
  | CREATE | GET | PUSH | PULL | CLOSE | ERROR | IS_QUEUE_FULL | DELETE
  | CANCEL_WAITING | CANCEL_HANDED | CANCEL_OTHER | SEEN_HANDED | SEEN_OTHER
  | CANCEL_WAITING_PUSH | CANCEL_OTHER_PUSH.

Inductive action :=
  | APPEND | HAND_QUEUED | HAND_PUSHED | WAIT | FINISH | FAIL | REFUSE | SUPERSEDE_WAITING
  | ABANDON_WAITING | FINISH_WAITING | FAIL_WAITING | DELETE_WAITING | LEAVE | SET_ERROR
  | DROP_QUEUED | HAND_ON | GIVE_BACK | LET_GO | WAIT_PUSH | ADMIT | CLOSE_PUSHES | FAIL_PUSHES
  | DELETE_PUSHES | LEAVE_PUSH | UNBLOCK | HAND_OFFERED.

Record transition := To {
  by_rule : rule; to_control : control; actions : list action; answers : option bool }.

Definition one_fewer (nothing : level) (others : bool) := if others then WAITING else At OPEN nothing.

(** [after] is the level that the queue has once this op has put in or taken out its one chunk, and
    has accepted the waiting pushes for which there is room then; [others] says whether some pull or
    push waits besides those that this op would settle or remove; [nothing] is the level of a queue
    with nothing in it, which is [EMPTY] unless a limit is zero. *)
Definition choose d (nothing : level) c e (after : level) (others : bool) : transition :=
  match e, c with
  | CREATE, _ => To CREATE_1 (At OPEN nothing) [] None
  | GET, ABSENT => To GET_1 c [] None
  | GET, _ => To GET_2 c [] None

  | PUSH, ABSENT => To PUSH_1 c [] (Some false)
  | PUSH, (At CLOSED _ | CLOSING | CLOSING_UNBUFFERED) => To PUSH_2 c [] (Some false)
  | PUSH, At (ERRORED | CLOSED_ERRORED) _ => To PUSH_3 c [] (Some false)
  | PUSH, WAITING => To PUSH_4 (one_fewer nothing others) [HAND_PUSHED] (Some true)
  | PUSH, At OPEN ((FULL | UNBUFFERED) as l) =>
      match push_when_full d with
      | accept => To PUSH_6 (At OPEN after) [APPEND] (Some true)
      | refuse_push => To PUSH_7 c [] (Some false)
      | wait_push | wait_through_close => To PUSH_9 (pushes_waiting false l) [WAIT_PUSH] None
      end
  | PUSH, (PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED) => To PUSH_9 c [WAIT_PUSH] None
  | PUSH, At OPEN _ => To PUSH_5 (At OPEN after) [APPEND] (Some true)

  | PULL, ABSENT => To PULL_1 c [FINISH] None
  | PULL, At OPEN (EMPTY | UNBUFFERED) => To PULL_3 WAITING [WAIT] None
  | PULL, At OPEN _ => To PULL_2 (At OPEN after) [HAND_QUEUED] None
  | PULL, At CLOSED (EMPTY | UNBUFFERED) => To PULL_5 c [FINISH] None
  | PULL, At CLOSED _ => To PULL_4 (At CLOSED after) [HAND_QUEUED] None
  | PULL, At _ (EMPTY | UNBUFFERED) => To PULL_6 c [FAIL] None
  | PULL, At p _ =>
      match errored_backlog d with
      | drain => To PULL_8 (At p after) [HAND_QUEUED] None
      | _ => To PULL_7 c [FAIL] None
      end
  | PULL, WAITING =>
      match overlapping_pull d with
      | overwrite => To PULL_9 c [ABANDON_WAITING; WAIT] None
      | supersede => To PULL_10 c [SUPERSEDE_WAITING; WAIT] None
      | refuse_pull => To PULL_11 c [REFUSE] None
      | queue_pulls => To PULL_12 c [WAIT] None
      end
  | PULL, PUSHES_WAITING =>
      To PULL_14 (if others then pushes_waiting false after else At OPEN after) [HAND_QUEUED; ADMIT] None
  | PULL, PUSHES_WAITING_UNBUFFERED =>
      To PULL_15 (if others then c else OPEN_UNBUFFERED) [HAND_OFFERED] None
  | PULL, CLOSING =>
      To PULL_14 (if others then pushes_waiting true after else At CLOSED after) [HAND_QUEUED; ADMIT] None
  | PULL, CLOSING_UNBUFFERED =>
      To PULL_15 (if others then c else CLOSED_UNBUFFERED) [HAND_OFFERED] None

  | CLOSE, ABSENT => To CLOSE_1 c [] None
  | CLOSE, WAITING => To CLOSE_2 (At CLOSED nothing) [FINISH_WAITING] None
  | CLOSE, At OPEN l => To CLOSE_3 (At CLOSED l) [] None
  | CLOSE, At ERRORED l => To CLOSE_5 (At CLOSED_ERRORED l) [] None
  | CLOSE, (At _ _ | CLOSING | CLOSING_UNBUFFERED) => To CLOSE_4 c [] None
  | CLOSE, PUSHES_WAITING =>
      match push_when_full d with
      | wait_through_close => To CLOSE_7 CLOSING [] None
      | _ => To CLOSE_6 CLOSED_FULL [CLOSE_PUSHES] None
      end
  | CLOSE, PUSHES_WAITING_UNBUFFERED =>
      match push_when_full d with
      | wait_through_close => To CLOSE_7 CLOSING_UNBUFFERED [] None
      | _ => To CLOSE_6 CLOSED_UNBUFFERED [CLOSE_PUSHES] None
      end

  | ERROR, ABSENT => To ERROR_1 c [] None
  | ERROR, WAITING => To ERROR_2 (At ERRORED nothing) [SET_ERROR; FAIL_WAITING] None
  | ERROR, At OPEN ((EMPTY | UNBUFFERED) as l) => To ERROR_3 (At ERRORED l) [SET_ERROR] None
  | ERROR, At OPEN l =>
      match errored_backlog d with
      | hold => To ERROR_4 (At ERRORED l) [SET_ERROR] None
      | drain => To ERROR_5 (At ERRORED l) [SET_ERROR] None
      | drop => To ERROR_6 (At ERRORED nothing) [SET_ERROR; DROP_QUEUED] None
      end
  | ERROR, At CLOSED l =>
      match error_when_closed d, errored_backlog d, l with
      | ignore, _, _ => To ERROR_7 c [] None
      | while_queued, _, (EMPTY | UNBUFFERED) => To ERROR_12 c [] None
      | _, drop, (SOME | FULL) =>
          To ERROR_9 (At CLOSED_ERRORED nothing) [SET_ERROR; DROP_QUEUED] None
      | _, _, _ => To ERROR_8 (At CLOSED_ERRORED l) [SET_ERROR] None
      end
  | ERROR, At _ _ =>
      match repeated_error d with
      | replace => To ERROR_10 c [SET_ERROR] None
      | keep => To ERROR_11 c [] None
      end
  | ERROR, PUSHES_WAITING =>
      match errored_backlog d with
      | drop => To ERROR_14 (At ERRORED nothing) [SET_ERROR; DROP_QUEUED; FAIL_PUSHES] None
      | _ => To ERROR_13 ERRORED_FULL [SET_ERROR; FAIL_PUSHES] None
      end
  | ERROR, PUSHES_WAITING_UNBUFFERED =>
      match errored_backlog d with
      | drop => To ERROR_14 (At ERRORED nothing) [SET_ERROR; DROP_QUEUED; FAIL_PUSHES] None
      | _ => To ERROR_13 ERRORED_UNBUFFERED [SET_ERROR; FAIL_PUSHES] None
      end
  | ERROR, CLOSING =>
      match error_when_closed d, errored_backlog d with
      | ignore, _ => To ERROR_7 c [] None
      | _, drop => To ERROR_14 (At CLOSED_ERRORED nothing) [SET_ERROR; DROP_QUEUED; FAIL_PUSHES] None
      | _, _ => To ERROR_13 CLOSED_ERRORED_FULL [SET_ERROR; FAIL_PUSHES] None
      end
  | ERROR, CLOSING_UNBUFFERED =>
      match error_when_closed d, errored_backlog d with
      | ignore, _ => To ERROR_7 c [] None
      | _, drop => To ERROR_14 (At CLOSED_ERRORED nothing) [SET_ERROR; DROP_QUEUED; FAIL_PUSHES] None
      | _, _ => To ERROR_13 CLOSED_ERRORED_UNBUFFERED [SET_ERROR; FAIL_PUSHES] None
      end

  | IS_QUEUE_FULL, ABSENT => To IS_QUEUE_FULL_1 c [] (Some true)
  | IS_QUEUE_FULL, (At _ (FULL | UNBUFFERED) | PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED
      | CLOSING | CLOSING_UNBUFFERED) => To IS_QUEUE_FULL_2 c [] (Some true)
  | IS_QUEUE_FULL, _ => To IS_QUEUE_FULL_3 c [] (Some false)

  | DELETE, ABSENT => To DELETE_1 c [] None
  | DELETE, WAITING => To DELETE_3 ABSENT [DELETE_WAITING] None
  | DELETE, At _ _ => To DELETE_2 ABSENT [DROP_QUEUED] None
  | DELETE, (PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED | CLOSING | CLOSING_UNBUFFERED) =>
      To DELETE_4 ABSENT [DROP_QUEUED; DELETE_PUSHES] None

  | CANCEL_WAITING, WAITING =>
      To (if others then CANCEL_PULL_2 else CANCEL_PULL_1) (one_fewer nothing others) [LEAVE] None
  | CANCEL_WAITING, _ => To CANCEL_PULL_9 c [] None
  | CANCEL_HANDED, ABSENT => To CANCEL_PULL_8 c [LET_GO] None
  | CANCEL_HANDED, WAITING => To CANCEL_PULL_3 (one_fewer nothing others) [HAND_ON] None
  | CANCEL_HANDED, At ((OPEN | CLOSED) as p) _ =>
      To CANCEL_PULL_4 (At p after) [GIVE_BACK] None
  | CANCEL_HANDED, (PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED) =>
      To CANCEL_PULL_4 (pushes_waiting false after) [GIVE_BACK] None
  | CANCEL_HANDED, (CLOSING | CLOSING_UNBUFFERED) =>
      To CANCEL_PULL_4 (pushes_waiting true after) [GIVE_BACK] None
  | CANCEL_HANDED, At p _ =>
      match errored_backlog d with
      | hold => To CANCEL_PULL_5 (At p after) [GIVE_BACK] None
      | drain => To CANCEL_PULL_6 (At p after) [GIVE_BACK] None
      | drop => To CANCEL_PULL_7 c [LET_GO] None
      end
  | CANCEL_OTHER, _ => To CANCEL_PULL_9 c [] None
  | SEEN_HANDED, _ => To SEEN_1 c [LET_GO] None
  | SEEN_OTHER, _ => To SEEN_2 c [] None

  | CANCEL_WAITING_PUSH, PUSHES_WAITING =>
      To CANCEL_PUSH_1 (if others then c else OPEN_FULL) [LEAVE_PUSH] (Some true)
  | CANCEL_WAITING_PUSH, PUSHES_WAITING_UNBUFFERED =>
      To CANCEL_PUSH_1 (if others then c else OPEN_UNBUFFERED) [LEAVE_PUSH] (Some true)
  | CANCEL_WAITING_PUSH, CLOSING =>
      To CANCEL_PUSH_1 (if others then c else CLOSED_FULL) [LEAVE_PUSH] (Some true)
  | CANCEL_WAITING_PUSH, CLOSING_UNBUFFERED =>
      To CANCEL_PUSH_1 (if others then c else CLOSED_UNBUFFERED) [LEAVE_PUSH] (Some true)
  | CANCEL_WAITING_PUSH, _ => To CANCEL_PUSH_2 c [] (Some false)
  | CANCEL_OTHER_PUSH, _ => To CANCEL_PUSH_2 c [] (Some false)
  end.

(** Blocked: open, not errored and full. A pull that waits makes room for a chunk whatever the limits
    are, so where one waits the stream is not blocked. *)
Definition is_blocking (c : control) :=
  match c with
  | OPEN_FULL | OPEN_UNBUFFERED | PUSHES_WAITING | PUSHES_WAITING_UNBUFFERED => true
  | _ => false
  end.

(** Whatever leaves the four situations in which a stream is blocked tells the writers that wait. *)
Definition delta d nothing c e after others : transition :=
  let t := choose d nothing c e after others in
  if is_blocking c && negb (is_blocking (to_control t))
  then To (by_rule t) (to_control t) (actions t ++ [UNBLOCK]) (answers t)
  else t.
