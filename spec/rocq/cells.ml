(* The whole table: every dialect, level of a queue with nothing in it, event, situation, level after
   the op, and with or without others that wait. *)

open Registry
open Shown

let controls =
  let at levels p = List.map (fun l -> At (p, l)) levels in
  [ ABSENT; WAITING ]
  @ List.concat_map (at [ EMPTY; SOME; FULL ]) Names.phases
  @ [ PUSHES_WAITING ]
  @ List.concat_map (at [ UNBUFFERED ]) Names.phases
  @ [ PUSHES_WAITING_UNBUFFERED; CLOSING; CLOSING_UNBUFFERED ]

let control = function
  | ABSENT -> "ABSENT"
  | WAITING -> "WAITING"
  | At (p, l) -> Names.phase p ^ "_" ^ Names.level l
  | PUSHES_WAITING -> "PUSHES_WAITING"
  | PUSHES_WAITING_UNBUFFERED -> "PUSHES_WAITING_UNBUFFERED"
  | CLOSING -> "CLOSING"
  | CLOSING_UNBUFFERED -> "CLOSING_UNBUFFERED"

(* Rule, next situation, actions in order, and what is returned. *)
let cell t =
  let returned = match t.answers with None -> "-" | Some b -> string_of_bool b in
  let actions = String.concat "," (List.map Names.action t.actions) in
  let done_ = if actions = "" then "-" else actions in
  String.concat " " [ Names.rule t.by_rule; control t.to_control; done_; returned ]

(* One line for each dialect, level of nothing, event and situation: its eight cells, or one where all
   are alike. *)
let table () =
  let row point nothing e c =
    let asked after others = cell (delta (dialect_of point) nothing c e after others) in
    let cells = List.concat_map (fun l -> List.map (asked l) [ false; true ]) Names.levels in
    let alike = List.for_all (String.equal (List.hd cells)) cells in
    let told = if alike then [ List.hd cells ] else cells in
    let asked_of = [ String.concat "," point; Names.level nothing; Names.event e; control c ] in
    print_endline (String.concat "\t" (asked_of @ told))
  in
  let of_event point nothing e = List.iter (row point nothing e) controls in
  let of_level point nothing = List.iter (of_event point nothing) Names.events in
  List.iter (fun point -> List.iter (of_level point) [ EMPTY; UNBUFFERED ]) lattice
