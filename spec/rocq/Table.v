(** * The table: what every op means in every situation

    First what differs between registries ([dialect], [limits]), then the names of the rules, then
    [delta], which decides everything and knows no data. It is total and finite. The rules'
    sentences are in semantics.md; what the actions do to data is in Streamstate.v. *)

From Coq Require Import List.
Import ListNotations.
Set Implicit Arguments.

(** ** What differs between registries *)

Inductive overlapping := Overwrite | Supersede | RefusePull | QueuePulls.
Inductive backlog := Hold | Drain | Drop.
Inductive when_closed := Apply | Ignore | WhileQueued.
Inductive repeated := Replace | Keep.
Inductive when_full := Accept | RefusePush.

Record dialect := Dialect {
  overlapping_pull : overlapping; errored_backlog : backlog; error_when_closed : when_closed;
  repeated_error : repeated; push_when_full : when_full }.

Record limits := Limits {
  high_water_mark : nat; max_queue_chunks : nat;
  some_bytes : 1 <= high_water_mark; some_chunks : 1 <= max_queue_chunks }.

(** ** Rules: every way that a transition can go *)

Inductive rule :=
  | CREATE_1 | GET_1 | GET_2
  | PUSH_1 | PUSH_2 | PUSH_3 | PUSH_4 | PUSH_5 | PUSH_6 | PUSH_7
  | PULL_1 | PULL_2 | PULL_3 | PULL_4 | PULL_5 | PULL_6 | PULL_7 | PULL_8 | PULL_9 | PULL_10
  | PULL_11 | PULL_12
  | CLOSE_1 | CLOSE_2 | CLOSE_3 | CLOSE_4 | CLOSE_5
  | ERROR_1 | ERROR_2 | ERROR_3 | ERROR_4 | ERROR_5 | ERROR_6 | ERROR_7 | ERROR_8 | ERROR_9
  | ERROR_10 | ERROR_11 | ERROR_12
  | IS_QUEUE_FULL_1 | IS_QUEUE_FULL_2 | IS_QUEUE_FULL_3
  | DELETE_1 | DELETE_2 | DELETE_3 | CLEAR_1 | CLEAR_2
  | CANCEL_PULL_1 | CANCEL_PULL_2 | CANCEL_PULL_3 | CANCEL_PULL_4 | CANCEL_PULL_5
  | CANCEL_PULL_6 | CANCEL_PULL_7 | CANCEL_PULL_8 | CANCEL_PULL_9
  | SEEN_1 | SEEN_2.

(** ** The table *)

Inductive level := Nothing | Something | Full.
Inductive phase := POpen | PClosed | PErrored | PClosedErrored.

(** Fourteen situations: unknown, open with a pull waiting, and four phases at three levels. *)
Inductive control := Absent | Pulled | At (p : phase) (l : level).

Inductive event :=
  | OnCreate | OnGet | OnPush | OnPull | OnClose | OnError | OnIsQueueFull | OnDelete
  | OnCancelWaiting | OnCancelHanded | OnCancelOther | OnSeenHanded | OnSeenOther.

Inductive action :=
  | Append | HandQueued | HandPushed | Wait | Finish | Fail | Refuse | SupersedeWaiting
  | AbandonWaiting | FinishWaiting | FailWaiting | DeleteWaiting | Leave | SetError | DropQueued
  | HandOn | GiveBack | LetGo | Unblock.

Record transition := To {
  by_rule : rule; to_control : control; actions : list action; answers : option bool }.

Definition one_fewer (others : bool) := if others then Pulled else At POpen Nothing.

(** [after] is the level that the queue has once this op has put in or taken out its one chunk;
    [others] says whether some pull waits besides the one that this op would settle or remove. *)
Definition choose d c e (after : level) (others : bool) : transition :=
  match e, c with
  | OnCreate, _ => To CREATE_1 (At POpen Nothing) [] None
  | OnGet, Absent => To GET_1 c [] None
  | OnGet, _ => To GET_2 c [] None

  | OnPush, Absent => To PUSH_1 c [] (Some false)
  | OnPush, At PClosed _ => To PUSH_2 c [] (Some false)
  | OnPush, At (PErrored | PClosedErrored) _ => To PUSH_3 c [] (Some false)
  | OnPush, Pulled => To PUSH_4 (one_fewer others) [HandPushed] (Some true)
  | OnPush, At POpen Full =>
      match push_when_full d with
      | Accept => To PUSH_6 (At POpen after) [Append] (Some true)
      | RefusePush => To PUSH_7 c [] (Some false)
      end
  | OnPush, At POpen _ => To PUSH_5 (At POpen after) [Append] (Some true)

  | OnPull, Absent => To PULL_1 c [Finish] None
  | OnPull, At POpen Nothing => To PULL_3 Pulled [Wait] None
  | OnPull, At POpen _ => To PULL_2 (At POpen after) [HandQueued] None
  | OnPull, At PClosed Nothing => To PULL_5 c [Finish] None
  | OnPull, At PClosed _ => To PULL_4 (At PClosed after) [HandQueued] None
  | OnPull, At _ Nothing => To PULL_6 c [Fail] None
  | OnPull, At p _ =>
      match errored_backlog d with
      | Drain => To PULL_8 (At p after) [HandQueued] None
      | _ => To PULL_7 c [Fail] None
      end
  | OnPull, Pulled =>
      match overlapping_pull d with
      | Overwrite => To PULL_9 c [AbandonWaiting; Wait] None
      | Supersede => To PULL_10 c [SupersedeWaiting; Wait] None
      | RefusePull => To PULL_11 c [Refuse] None
      | QueuePulls => To PULL_12 c [Wait] None
      end

  | OnClose, Absent => To CLOSE_1 c [] None
  | OnClose, Pulled => To CLOSE_2 (At PClosed Nothing) [FinishWaiting] None
  | OnClose, At POpen l => To CLOSE_3 (At PClosed l) [] None
  | OnClose, At PErrored l => To CLOSE_5 (At PClosedErrored l) [] None
  | OnClose, At _ _ => To CLOSE_4 c [] None

  | OnError, Absent => To ERROR_1 c [] None
  | OnError, Pulled => To ERROR_2 (At PErrored Nothing) [SetError; FailWaiting] None
  | OnError, At POpen Nothing => To ERROR_3 (At PErrored Nothing) [SetError] None
  | OnError, At POpen l =>
      match errored_backlog d with
      | Hold => To ERROR_4 (At PErrored l) [SetError] None
      | Drain => To ERROR_5 (At PErrored l) [SetError] None
      | Drop => To ERROR_6 (At PErrored Nothing) [SetError; DropQueued] None
      end
  | OnError, At PClosed l =>
      match error_when_closed d, errored_backlog d, l with
      | Ignore, _, _ => To ERROR_7 c [] None
      | WhileQueued, _, Nothing => To ERROR_12 c [] None
      | _, Drop, (Something | Full) =>
          To ERROR_9 (At PClosedErrored Nothing) [SetError; DropQueued] None
      | _, _, _ => To ERROR_8 (At PClosedErrored l) [SetError] None
      end
  | OnError, At _ _ =>
      match repeated_error d with
      | Replace => To ERROR_10 c [SetError] None
      | Keep => To ERROR_11 c [] None
      end

  | OnIsQueueFull, Absent => To IS_QUEUE_FULL_1 c [] (Some true)
  | OnIsQueueFull, At _ Full => To IS_QUEUE_FULL_2 c [] (Some true)
  | OnIsQueueFull, _ => To IS_QUEUE_FULL_3 c [] (Some false)

  | OnDelete, Absent => To DELETE_1 c [] None
  | OnDelete, Pulled => To DELETE_3 Absent [DeleteWaiting] None
  | OnDelete, At _ _ => To DELETE_2 Absent [DropQueued] None

  | OnCancelWaiting, Pulled =>
      To (if others then CANCEL_PULL_2 else CANCEL_PULL_1) (one_fewer others) [Leave] None
  | OnCancelWaiting, _ => To CANCEL_PULL_9 c [] None
  | OnCancelHanded, Absent => To CANCEL_PULL_8 c [LetGo] None
  | OnCancelHanded, Pulled => To CANCEL_PULL_3 (one_fewer others) [HandOn] None
  | OnCancelHanded, At ((POpen | PClosed) as p) _ =>
      To CANCEL_PULL_4 (At p after) [GiveBack] None
  | OnCancelHanded, At p _ =>
      match errored_backlog d with
      | Hold => To CANCEL_PULL_5 (At p after) [GiveBack] None
      | Drain => To CANCEL_PULL_6 (At p after) [GiveBack] None
      | Drop => To CANCEL_PULL_7 c [LetGo] None
      end
  | OnCancelOther, _ => To CANCEL_PULL_9 c [] None
  | OnSeenHanded, _ => To SEEN_1 c [LetGo] None
  | OnSeenOther, _ => To SEEN_2 c [] None
  end.

(** Whatever leaves the one situation in which a stream is blocked tells the writers that wait. *)
Definition delta d c e after others : transition :=
  let t := choose d c e after others in
  match c, to_control t with
  | At POpen Full, At POpen Full => t
  | At POpen Full, _ => To (by_rule t) (to_control t) (actions t ++ [Unblock]) (answers t)
  | _, _ => t
  end.
