(* Every op on every queue of up to four chunks, whichever of them were given back: what the actions
   do to data.

   The stream has number 2 and has accepted up to six chunks. Of those that were taken each is
   queued again or held by a pull. The chunk in place 3 is "cc", so that each differs from the
   others in what it is and in how long it is. *)

open Registry
open Shown
open Explore

let number = 2
let most_accepted = 6
let most_queued = 4
let most_waiting = 3
let most_pushes = 3

let chunk_in place = String.make (place - 1) (Char.chr (96 + place))

let rec subsets = function
  | [] -> [ [] ]
  | x :: rest ->
      let others = subsets rest in
      others @ List.map (fun one -> x :: one) others

(* Held by the first pulls, the newest chunk by pull 1. *)
let holding places =
  let newest_first = List.rev places in
  List.mapi
    (fun i place ->
      { h_pull = i + 1; h_stream = number; h_place = place; h_chunk = chunk_in place })
    newest_first

let state_with ~pulls held stream =
  let streams = match stream with None -> [] | Some s -> [ (number, s) ] in
  { next_stream = number + 1; next_pull = pulls + 1; streams; held; next_push = 1 }

(* Where an error drops what is queued, an errored stream has nothing queued. *)
let idle d : state_ list =
  let with_queue accepted fresh back =
    let taken = upto (accepted - fresh) in
    let held = holding (List.filter (fun place -> not (List.mem place back)) taken) in
    let fresh = List.init fresh (fun i -> chunk_in (accepted - fresh + i + 1)) in
    let q = { given_back = List.map (fun place -> (place, chunk_in place)) back; fresh } in
    let statuses =
      if d.errored_backlog = Drop && chunks q <> [] then [ Open; Closed ]
      else [ Open; Closed; Failed ("x", false); Failed ("x", true) ]
    in
    let stream st = Some (Idle (accepted, st, q)) in
    List.map (fun st -> state_with ~pulls:(List.length held) held (stream st)) statuses
  in
  let with_fresh accepted fresh =
    let fits back = List.length back + fresh <= most_queued in
    let back = List.filter fits (subsets (upto (accepted - fresh))) in
    List.concat_map (with_queue accepted fresh) back
  in
  let with_accepted a = List.concat_map (with_fresh a) (0 :: upto (min a most_queued)) in
  List.concat_map with_accepted (0 :: upto most_accepted)

(* Pushes wait on every queue that is full, where pushes wait; with a limit of zero all are. *)
let crowded d lim : state_ list =
  let offer i = (i, String.make i (Char.chr (64 + i))) in
  let with_pushes st accepted q (closed, count) =
    let others = List.init (count - 1) (fun i -> offer (i + 2)) in
    let stream = PushesWaiting (closed, accepted, q, offer 1, others) in
    { st with streams = [ (number, stream) ]; next_push = count + 1 }
  in
  let lines closed = List.map (fun count -> (closed, count)) (upto most_pushes) in
  let every_line = lines false @ if d.push_when_full = Wait_through_close then lines true else [] in
  let of_state (st : state_) =
    match st.streams with
    | [ (_, (Idle (accepted, Open, q) as s)) ]
      when is_blocking (control_of String.length lim (Some s)) ->
        List.map (with_pushes st accepted q) every_line
    | _ -> []
  in
  if lets_wait d then List.concat_map of_state (idle d) else []

(* Several pulls wait only where they queue. All that was accepted is held. *)
let waiting d : state_ list =
  let most = if d.overlapping_pull = Queue_pulls then most_waiting else 1 in
  let of_pulls accepted count =
    let first = accepted + 1 in
    let others = List.init (count - 1) (fun i -> first + i + 1) in
    state_with ~pulls:(accepted + count)
      (holding (upto accepted))
      (Some (Waiting (accepted, first, others)))
  in
  List.concat_map (fun a -> List.map (of_pulls a) (upto most)) (0 :: upto most_queued)

(* A stream that is deleted, of which a pull may still hold a chunk. *)
let absent : state_ list =
  List.map (fun held -> state_with ~pulls:1 held None) [ []; holding [ 1 ] ]

(* One line for each transition: state, op, rule, effects, state after. *)
let queues d lim =
  let take st o =
    let rule, after, effects = advance d lim st o in
    Printf.printf "%s\t%s\t%s\t%s\t%s\n" (state st) (op o) (Names.rule rule)
      (arrays effect_ effects) (state after)
  in
  let visit st =
    let pulls = upto st.next_pull in
    List.iter (take st)
      (ops ~streams:[ number ] ~pulls ~sizes:[ ""; "y"; "zzzzzzz" ] ~errors:[ "x"; "y" ]
         ~pushes:(if st.next_push = 1 then [] else upto st.next_push)
         ())
  in
  List.iter visit (absent @ waiting d @ idle d @ crowded d lim)
