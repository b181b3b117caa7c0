(* Every transition of a bounded instance. *)

open Registry
open Shown

let upto n = List.init n (fun i -> i + 1)
let on streams f = List.concat_map f streams

let ops ?(pushes = []) ~streams ~pulls ~sizes ~errors () : op_ list =
  let concerning n =
    List.map (fun c -> Push (n, c)) sizes
    @ [ Pull n; Close n ]
    @ List.map (fun v -> Error (n, v)) errors
    @ [ Delete n; IsQueueFull n; Get n ]
  in
  (Create :: on streams concerning)
  @ [ Clear ]
  @ on pulls (fun p -> [ CancelPull p; Seen p ])
  @ List.map (fun p -> CancelPush p) pushes

let accepted (st : state_) =
  let one (_, s) = match s with Waiting (a, _, _) | Idle (a, _, _) | PushesWaiting (_, a, _, _, _) -> a in
  List.fold_left (fun sum s -> sum + one s) 0 st.streams

(* So many pushes wait at most, one after the other or at once, where pushes wait. *)
let most_begun d = if lets_wait d then 2 else 0

(* One line for each transition, breadth first: number of the state, op, rule, effects, number of
   the state after (-1: past the bounds) and, where that is new or past the bounds, what is in it. *)
let explore d lim streams pulls pushes =
  let known = Hashtbl.create 4096 and waiting = Queue.create () in
  let within st =
    st.next_stream <= streams + 1
    && st.next_pull <= pulls + 1
    && st.next_push <= most_begun d + 1
    && accepted st <= pushes
  in
  let enter st =
    let number = Hashtbl.length known in
    Hashtbl.add known (state st) number;
    Queue.add (number, st) waiting;
    number
  in
  let alphabet =
    ops ~streams:(upto (streams + 1)) ~pulls:(upto (pulls + 1)) ~sizes:[ ""; "a"; "bbb" ]
      ~errors:[ "x"; "y" ]
      ~pushes:(upto (most_begun d + 1))
      ()
  in
  let visit (source, st) =
    let take o =
      let rule, after, effects = advance d lim st o in
      let target, shown =
        let text = state after in
        match Hashtbl.find_opt known text with
        | Some number -> (number, "")
        | None when within after -> (enter after, text)
        | None -> (-1, text)
      in
      Printf.printf "%d\t%s\t%s\t%s\t%d\t%s\n" source (op o) (Names.rule rule)
        (arrays effect_ effects) target shown
    in
    List.iter take alphabet
  in
  ignore (enter initial);
  while not (Queue.is_empty waiting) do
    visit (Queue.pop waiting)
  done
