(* What the extracted registry is run with, and what it did, as text: nothing here knows what an op
   means. A chunk is a string, and so is an error value.

   A dialect is its five values in the order of the fields, with commas between. *)

open Registry

type op_ = (string, string) op
type state_ = (string, string) state
type effect_ = (string, string) effect

let advance d lim (st : state_) (o : op_) =
  let (rule, after), effects = step String.length d lim st o in
  (rule, after, (effects : effect_ list))

(* Dialects *)

let fields =
  [ ("overlapping_pull", [ "overwrite"; "supersede"; "refuse"; "queue" ]);
    ("errored_backlog", [ "hold"; "drain"; "drop" ]);
    ("error_when_closed", [ "apply"; "ignore"; "while_queued" ]);
    ("repeated_error", [ "replace"; "keep" ]);
    ("push_when_full", [ "accept"; "refuse"; "wait"; "wait_through_close" ]) ]

let rec product = function
  | [] -> [ [] ]
  | values :: rest ->
      let tails = product rest in
      List.concat_map (fun v -> List.map (fun tail -> v :: tail) tails) values

(* All of them, the last field's values changing fastest. *)
let lattice = product (List.map snd fields)

let dialect_of = function
  | [ overlapping; backlog; late; again; full ] ->
      let one_of known name = List.assoc name known in
      { overlapping_pull =
          one_of
            [ ("overwrite", Overwrite); ("supersede", Supersede); ("refuse", Refuse_pull);
              ("queue", Queue_pulls) ]
            overlapping;
        errored_backlog = one_of [ ("hold", Hold); ("drain", Drain); ("drop", Drop) ] backlog;
        error_when_closed = one_of [ ("apply", Apply); ("ignore", Ignore); ("while_queued", While_queued) ] late;
        repeated_error = one_of [ ("replace", Replace); ("keep", Keep) ] again;
        push_when_full =
          one_of [ ("accept", Accept); ("refuse", Refuse_push); ("wait", Wait_push);
              ("wait_through_close", Wait_through_close) ]
            full }
  | _ -> failwith "a dialect has five values"

let limits_of high_water_mark max_queue_chunks =
  if high_water_mark < 0 || max_queue_chunks < 0 then failwith "limits are at least 0";
  { high_water_mark; max_queue_chunks }

(* JSON, without blanks *)

let base64 text =
  let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" in
  let bytes = String.length text in
  let byte i = if i < bytes then Char.code text.[i] else 0 in
  let digit i =
    let block = i / 4 * 3 in
    let bits = (byte block lsl 16) lor (byte (block + 1) lsl 8) lor byte (block + 2) in
    let used = min 3 (bytes - block) in
    if i mod 4 > used then '=' else digits.[(bits lsr (18 - (6 * (i mod 4)))) land 63]
  in
  String.init ((bytes + 2) / 3 * 4) digit

let quoted text = "\"" ^ text ^ "\"" (* error messages here are plain letters *)
let chunk c = quoted (base64 c)
let num = string_of_int
let array items = "[" ^ String.concat "," items ^ "]"
let field (name, value) = quoted name ^ ":" ^ value
let obj pairs = "{" ^ String.concat "," (List.map field pairs) ^ "}"
let tagged tag items = array (quoted tag :: items)
let arrays show items = array (List.map show items)

let op : op_ -> string = function
  | Create -> tagged "create" []
  | Get n -> tagged "get" [ num n ]
  | Push (n, c) -> tagged "push" [ num n; chunk c ]
  | Pull n -> tagged "pull" [ num n ]
  | Close n -> tagged "close" [ num n ]
  | Error (n, v) -> tagged "error" [ num n; quoted v ]
  | IsQueueFull n -> tagged "is_queue_full" [ num n ]
  | Delete n -> tagged "delete" [ num n ]
  | Clear -> tagged "clear" []
  | CancelPull p -> tagged "cancel_pull" [ num p ]
  | Seen p -> tagged "seen" [ num p ]
  | CancelPush p -> tagged "cancel_push" [ num p ]

let view v =
  let error = match v.v_error with None -> "null" | Some e -> quoted e in
  obj
    [ ("queue", arrays chunk v.v_queue); ("queue_size", num v.v_size);
      ("closed", string_of_bool v.v_closed); ("errored", string_of_bool (v.v_error <> None));
      ("pull_waiting", string_of_bool v.v_waiting); ("error", error) ]

let value = function
  | Number n -> num n
  | Truth b -> string_of_bool b
  | Shown None -> "null"
  | Shown (Some v) -> view v

let reason = function
  | Errored v -> v
  | Deleted -> "Stream deleted"
  | Superseded -> "Pull superseded"
  | Refused -> "Pull refused"
  | Ended -> "Stream closed"

let settled (e : effect_) =
  match e with
  | Resolved (p, Brought c) -> [ array [ num p; quoted "value"; chunk c ] ]
  | Resolved (p, Done) -> [ array [ num p; quoted "done" ] ]
  | Rejected (p, r) -> [ array [ num p; quoted "error"; quoted (reason r) ] ]
  | Accepted p -> [ tagged "push" [ num p; quoted "accepted" ] ]
  | TurnedAway (p, r) -> [ tagged "push" [ num p; quoted "turned_away"; quoted (reason r) ] ]
  | Returned _ | Abandoned _ | Unblocked _ -> []

let effect_ (e : effect_) =
  match e with
  | Returned v -> tagged "returned" [ value v ]
  | Rejected (p, Errored v) -> tagged "rejected" [ num p; quoted "errored"; quoted v ]
  | Rejected (p, r) -> tagged "rejected" [ num p; quoted (reason r) ]
  | Resolved _ -> tagged "resolved" (settled e)
  | Abandoned p -> tagged "abandoned" [ num p ]
  | Accepted p -> tagged "accepted" [ num p ]
  | TurnedAway (p, Errored v) -> tagged "turned_away" [ num p; quoted "errored"; quoted v ]
  | TurnedAway (p, r) -> tagged "turned_away" [ num p; quoted (reason r) ]
  | Unblocked n -> tagged "unblocked" [ num n ]

let answer effects =
  let returned = function Returned v -> Some (value v) | _ -> None in
  let first = Option.value ~default:"null" (List.find_map returned effects) in
  array [ first; array (List.concat_map settled effects) ]

let status = function
  | Open -> tagged "open" []
  | Closed -> tagged "closed" []
  | Failed (v, closed) -> tagged "failed" [ quoted v; string_of_bool closed ]

let stream (number, s) =
  let placed (place, c) = array [ num place; chunk c ] in
  let queue q = [ arrays placed q.given_back; arrays chunk q.fresh; num (size String.length q) ] in
  match s with
  | Waiting (accepted, first, others) ->
      array [ num number; num accepted; arrays num (first :: others) ]
  | Idle (accepted, st, q) ->
      array ([ num number; num accepted; status st ] @ queue q)
  | PushesWaiting (closed, accepted, q, first, others) ->
      let pushes = tagged (if closed then "closing" else "pushes") (List.map placed (first :: others)) in
      array ([ num number; num accepted; pushes ] @ queue q)

let state (st : state_) =
  let handed h = array [ num h.h_pull; num h.h_stream; num h.h_place; chunk h.h_chunk ] in
  array
    [ num st.next_stream; num st.next_pull; num st.next_push; arrays stream st.streams;
      arrays handed st.held ]
