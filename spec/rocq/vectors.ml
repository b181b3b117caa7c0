(* The conformance vectors. *)

open Registry
open Shown
open Explore

let version = "1"
let small = limits_of 3 2
let usual = limits_of 65536 16
let unbuffered = limits_of 3 0

let points =
  [ [ "supersede"; "hold"; "apply"; "replace"; "accept" ];
    [ "overwrite"; "hold"; "apply"; "replace"; "accept" ];
    [ "overwrite"; "drain"; "apply"; "replace"; "accept" ];
    [ "supersede"; "drop"; "apply"; "replace"; "refuse" ];
    [ "refuse"; "hold"; "ignore"; "keep"; "accept" ];
    [ "queue"; "drain"; "apply"; "replace"; "refuse" ];
    [ "queue"; "drop"; "while_queued"; "keep"; "accept" ] ]

(* Those in which pushes wait: for the rules that the others do not have. *)
let waiting_points =
  [ [ "supersede"; "hold"; "apply"; "replace"; "wait" ];
    [ "queue"; "drop"; "while_queued"; "keep"; "wait" ] ]

(* Those in which they wait through a close too: for what then differs. *)
let closing_points =
  [ [ "supersede"; "hold"; "apply"; "replace"; "wait_through_close" ];
    [ "queue"; "drop"; "while_queued"; "keep"; "wait_through_close" ];
    [ "refuse"; "drain"; "ignore"; "keep"; "wait_through_close" ] ]

(* Each op's answer and rule. *)
let trace d lim program =
  let one (st, out) o =
    let rule, after, effects = advance d lim st o in
    (after, (answer effects, Names.rule rule) :: out)
  in
  List.rev (snd (List.fold_left one (initial, []) program))

(* As many values of each field as leave the trace as it is in all dialects that they make up. *)
let holds_in point lim program =
  let expected = trace (dialect_of point) lim program in
  let same box =
    List.for_all (fun p -> trace (dialect_of p) lim program = expected) (product box)
  in
  let widen box index (_, values) =
    let try_value box v =
      let put i known = if i = index && not (List.mem v known) then known @ [ v ] else known in
      let wider = List.mapi put box in
      if same wider then wider else box
    in
    List.fold_left try_value box values
  in
  let start = List.map (fun v -> [ v ]) point in
  let indexed = List.mapi (fun i f -> (i, f)) fields in
  List.fold_left (fun box (i, f) -> widen box i f) start indexed

let dialects box =
  let limited (name, all) chosen =
    if List.length all = List.length chosen then None
    else Some (name, arrays quoted (List.filter (fun v -> List.mem v chosen) all))
  in
  obj (List.filter_map Fun.id (List.map2 limited fields box))

let needs lim program =
  let any f = List.exists f program in
  List.filter_map
    (fun (name, needed) -> if needed then Some (quoted name) else None)
    [ ("cancel", any (function CancelPull _ -> true | _ -> false));
      ("cancel_push", any (function CancelPush _ -> true | _ -> false));
      ("get", any (function Get _ -> true | _ -> false));
      ("limits", lim <> usual);
      ("unbuffered", lim.high_water_mark = 0 || lim.max_queue_chunks = 0) ]

(* Without limits where the default ones give the same. *)
let vector ?(limits = small) name point program =
  let d = dialect_of point in
  let lim = if trace d usual program = trace d limits program then usual else limits in
  let answers, rules = List.split (trace d lim program) in
  let limits =
    if lim = usual then []
    else
      [ ( "limits",
          obj
            [ ("high_water_mark", num lim.high_water_mark);
              ("max_queue_chunks", num lim.max_queue_chunks) ] ) ]
  in
  obj
    ([ ("id", quoted name); ("needs", array (needs lim program));
       ("dialects", dialects (holds_in point lim program)) ]
    @ limits
    @ [ ("program", arrays op program); ("trace", array answers); ("rules", arrays quoted rules) ])

(* Afterwards: what became visible of what the last op did. *)
let probe : op_ list =
  [ IsQueueFull 1; Push (1, "p"); Pull 1; Pull 1; Close 1; Pull 1; Create; Delete 1; Pull 1 ]

let situation lim (st : state_) =
  let one (_, s) = control_of String.length lim (Some s) in
  (List.map one st.streams, List.length st.held)

(* The shortest program for each rule and situation in which it can be taken, with its dialect and its
   limits. *)
let shortest () =
  let found = Hashtbl.create 1024 in
  let note is_new lim point path rule st o =
    let key = (rule, situation lim st) in
    if is_new rule && not (Hashtbl.mem found key) then
      Hashtbl.add found key (point, lim, List.rev (o :: path))
  in
  let alphabet pushes =
    ops ~streams:[ 1; 2 ] ~pulls:[ 1; 2; 3 ] ~sizes:[ "a"; "bbb"; "" ] ~errors:[ "x"; "y" ] ~pushes ()
  in
  let search ?(lim = small) is_new alphabet point =
    let d = dialect_of point and known = Hashtbl.create 1024 and waiting = Queue.create () in
    let enter path st =
      if
        st.next_stream <= 3 && st.next_pull <= 4 && st.next_push <= 4
        && not (Hashtbl.mem known (state st))
      then (
        Hashtbl.add known (state st) ();
        Queue.add (path, st) waiting)
    in
    enter [] initial;
    while not (Queue.is_empty waiting) do
      let path, st = Queue.pop waiting in
      let take o =
        let rule, after, _ = advance d lim st o in
        note is_new lim point path (Names.rule rule) st o;
        if List.length path < 5 then enter (o :: path) after
      in
      List.iter take alphabet
    done
  in
  List.iter (search (fun _ -> true) (alphabet [])) points;
  let is_new () =
    let known = Hashtbl.fold (fun (rule, _) _ rules -> rule :: rules) found [] in
    fun rule -> not (List.mem rule known)
  in
  List.iter (search (is_new ()) (alphabet [ 1; 2; 3 ])) waiting_points;
  List.iter (search ~lim:unbuffered (is_new ()) (alphabet [ 1; 2; 3 ])) waiting_points;
  List.iter (search (is_new ()) (alphabet [ 1; 2; 3 ])) closing_points;
  found

let per_rule = 7

let by_rule found rule =
  let add (r, _) entry kept = if r = rule then entry :: kept else kept in
  let all = Hashtbl.fold add found [] in
  let weight (point, _, program) = (List.length program, arrays op program, point) in
  let sorted = List.sort (fun a b -> compare (weight a) (weight b)) all in
  List.filteri (fun i _ -> i < per_rule) sorted

let scenarios : op_ list list =
  let pushes n c = List.init n (fun _ -> Push (1, c)) and pulls n = List.init n (fun _ -> Pull 1) in
  [ (Create :: pushes 17 "a") @ [ IsQueueFull 1 ] @ pulls 18 @ [ IsQueueFull 1; Close 1 ];
    (Create :: pushes 3 "abc") @ [ Close 1 ] @ pulls 4 @ [ Error (1, "late"); Pull 1; Delete 1 ];
    (Create :: pushes 3 "abc") @ [ Error (1, "x"); Error (1, "y") ] @ pulls 4 @ [ Get 1 ];
    [ Create; Create; Create; Pull 1; Pull 2; Pull 3; Clear; Create; Push (1, "a"); Get 4 ];
    (Create :: pulls 3) @ pushes 4 "b" @ pulls 2 @ [ Clear; Clear; Create; Get 1 ];
    (Create :: pulls 3) @ [ CancelPull 2 ] @ pushes 3 "c" @ [ Get 1; Close 1; Pull 1; Pull 1 ];
    (Create :: pushes 3 "d")
    @ pulls 3
    @ [ CancelPull 3; CancelPull 1; Seen 2; CancelPull 2; Get 1; Pull 1; Pull 1; Pull 1 ];
    [ Create; Push (1, "e"); Pull 1; Delete 1; CancelPull 1; Create; Pull 1; Pull 2; Get 2 ];
    [ Create; Push (1, "f"); Pull 1; Error (1, "x"); CancelPull 1; Get 1; Pull 1; Pull 1 ];
    [ Create; Push (1, "g"); Pull 1; Close 1; CancelPull 1; Pull 1; Pull 1; Seen 2; CancelPull 2 ];
    [ Create; Create; Push (1, "h"); Push (2, "i"); Pull 2; Pull 1; Delete 1; CancelPull 2; Get 2 ];
    [ Create; Pull 1; Push (1, ""); Push (1, ""); Get 1; Pull 1; Pull 1; Push (1, "a"); Get 1 ];
    (Create :: pushes 16 "") @ [ IsQueueFull 1; Get 1; Pull 1; IsQueueFull 1; Close 1; Pull 1 ];
    [ Create; Push (1, "\000\255"); Push (1, "bbb"); Get 1; Push (1, "c"); Get 1; Pull 1; Pull 1 ];
    [ Create; Push (1, "bbb"); Error (1, "x"); Get 1; IsQueueFull 1; Close 1; Error (1, "y"); Get 1 ];
    [ Create; Push (1, "bbb"); Close 1; Error (1, "x"); Get 1; IsQueueFull 1; Pull 1; Pull 1 ];
    (Create :: pulls 3) @ [ Delete 1; Create; Pull 2; Pull 2; Error (2, "x"); Create; Pull 3; Pull 3; Close 3 ];
    List.init 6 (fun _ -> Create) @ [ Push (5, "k"); Push (1, "l"); Pull 5; Pull 1; Get 5 ];
    [ Push (7, "j"); Pull 7; Close 7; Error (7, "x"); IsQueueFull 7; Delete 7; Get 7; Create ] ]

let waiting_scenarios : op_ list list =
  let pushes n c = List.init n (fun _ -> Push (1, c)) and pulls n = List.init n (fun _ -> Pull 1) in
  [ (Create :: pushes 18 "a") @ [ IsQueueFull 1; Get 1 ] @ pulls 19 @ [ IsQueueFull 1; Close 1 ];
    (Create :: pushes 5 "bb") @ [ CancelPush 2 ] @ pulls 3 @ [ CancelPush 1; CancelPush 3; Get 1; Pull 1 ];
    (Create :: pushes 5 "c") @ [ Close 1; Push (1, "c"); CancelPush 1 ] @ pulls 3;
    (Create :: pushes 5 "d") @ [ Error (1, "x"); Error (1, "y"); Push (1, "d") ] @ pulls 3;
    (Create :: pushes 4 "e") @ [ Delete 1; CancelPush 1; Create; Push (2, "e"); Pull 2 ];
    [ Create; Create; Pull 1 ] @ List.init 4 (fun _ -> Push (2, "f")) @ [ Clear; Create; Push (3, "f") ];
    [ Create; Push (1, "bbb"); Push (1, ""); Push (1, "g"); Push (1, "bbb"); Push (1, "g") ]
    @ pulls 2 @ [ Get 1; CancelPull 1; Get 1 ] @ pulls 5 @ [ Get 1 ];
    (Create :: pulls 2) @ pushes 5 "h" @ [ Get 1 ] @ pulls 3 @ [ Get 1 ];
    (Create :: pushes 4 "i") @ pulls 2 @ [ CancelPull 1; CancelPull 2; Get 1 ] @ pulls 4 @ [ Get 1 ] ]

(* With a limit of zero: what meets, and what only a cancelled pull can queue. *)
let unbuffered_scenarios : op_ list list =
  let pushes n c = List.init n (fun _ -> Push (1, c)) and pulls n = List.init n (fun _ -> Pull 1) in
  [ [ Create; IsQueueFull 1; Push (1, "a"); Get 1; Pull 1; IsQueueFull 1; Get 1 ];
    [ Create; Pull 1; IsQueueFull 1; Push (1, "b"); IsQueueFull 1; Push (1, "b"); Get 1; Pull 1 ];
    (Create :: pushes 3 "c") @ pulls 4 @ [ Push (1, "c"); Push (1, ""); Get 1; Pull 1 ];
    (Create :: pulls 3) @ pushes 4 "d" @ [ Get 1 ] @ pulls 2;
    (Create :: pushes 3 "e") @ [ CancelPush 2; CancelPush 2 ] @ pulls 3 @ [ CancelPush 1; CancelPush 3 ];
    (Create :: pushes 2 "f") @ [ CancelPush 1; CancelPush 2; IsQueueFull 1; Pull 1; Push (1, "f") ];
    (Create :: pushes 2 "g") @ [ Close 1; IsQueueFull 1; Push (1, "g"); Get 1; Pull 1; Error (1, "x"); Pull 1 ];
    (Create :: pushes 2 "h") @ [ Error (1, "x"); IsQueueFull 1; Push (1, "h"); Get 1; Pull 1; Close 1; Get 1 ];
    (Create :: pushes 2 "i") @ [ Delete 1; IsQueueFull 1; CancelPush 1; Create; Push (2, "i"); Pull 2 ];
    [ Create; Create; Pull 1; Push (2, "j"); Push (2, "j"); Clear; Create; Push (3, "j"); Get 3 ];
    [ Create; Pull 1; CancelPull 1; IsQueueFull 1; Push (1, "k"); Pull 1; CancelPull 2; Get 1; Pull 1 ];
    (Create :: pushes 3 "l") @ pulls 2 @ [ CancelPull 1; Get 1; IsQueueFull 1; Push (1, "m") ] @ pulls 4 @ [ Get 1 ];
    (Create :: pushes 3 "n") @ pulls 2 @ [ CancelPull 2; CancelPull 1; Get 1; Pull 1; Get 1; Close 1 ] @ pulls 3;
    [ Create; Pull 1; Push (1, "o"); CancelPull 1; Get 1; Push (1, "p"); Error (1, "x"); Get 1; Pull 1; Pull 1 ];
    [ Create; Pull 1; Push (1, "q"); Seen 1; CancelPull 1; Get 1; Push (1, "q"); Delete 1 ] ]

(* Pushes that wait through a close, whatever comes then. *)
let closing_scenarios : op_ list list =
  let pushes n c = List.init n (fun _ -> Push (1, c)) and pulls n = List.init n (fun _ -> Pull 1) in
  let closing n c = (Create :: pushes n c) @ [ Close 1 ] in
  [ closing 5 "a" @ [ Get 1; IsQueueFull 1; Push (1, "a"); Close 1 ] @ pulls 6 @ [ Get 1 ];
    closing 4 "b" @ [ Pull 1; Get 1; Pull 1; Get 1; IsQueueFull 1 ] @ pulls 3;
    closing 5 "c" @ [ CancelPush 2; CancelPush 2; Pull 1; CancelPush 1 ] @ pulls 4;
    closing 3 "d" @ [ CancelPush 1; Get 1; Push (1, "d") ] @ pulls 3;
    closing 4 "e" @ [ Error (1, "x"); Get 1; Error (1, "y"); Push (1, "e") ] @ pulls 5;
    closing 4 "f" @ [ Delete 1; CancelPush 1; Pull 1; Create; Push (2, "f"); Get 2 ];
    closing 3 "g" @ [ Create; Push (2, "g"); Clear; Get 1; Create; Push (3, "g") ];
    closing 4 "h" @ pulls 2 @ [ CancelPull 1; Get 1; CancelPull 2; Get 1 ] @ pulls 5 @ [ Get 1 ];
    (Create :: pushes 3 "i") @ [ Pull 1; Pull 1; Close 1; Pull 1; Pull 1 ];
    [ Create; Push (1, "bbb"); Push (1, ""); Push (1, "j"); Push (1, "bbb"); Push (1, "j"); Close 1 ]
    @ pulls 6 ]

let vectors directory =
  let write name lines =
    let out = open_out_bin (Filename.concat directory name) in
    List.iter (fun line -> output_string out (line ^ "\n")) lines;
    close_out out
  in
  (* A program whose answers are the same in several dialects needs to stand there once. *)
  let file name programs =
    let add kept (point, limits, program) =
      let known = vector ~limits "" point program in
      if List.mem_assoc known kept then kept else (known, (point, limits, program)) :: kept
    in
    let distinct = List.rev_map snd (List.fold_left add [] programs) in
    let line i (point, limits, program) =
      vector ~limits (Printf.sprintf "%s/%d" name (i + 1)) point program
    in
    write (name ^ ".jsonl") (List.mapi line distinct);
    (name, List.length distinct)
  in
  let found = shortest () in
  let rule name =
    let probed (point, lim, program) = (point, lim, program @ probe) in
    file name (List.map probed (by_rule found name))
  in
  let at points lim programs =
    List.concat_map (fun program -> List.map (fun point -> (point, lim, program)) points) programs
  in
  let counts = List.map (fun r -> rule (Names.rule r)) Names.rules in
  let whole = file "scenarios" (at points small scenarios) in
  let of_waits = List.concat_map (fun p -> at [ p ] small waiting_scenarios) waiting_points in
  let of_zero = at (waiting_points @ points) unbuffered unbuffered_scenarios in
  let of_closes lim = List.concat_map (fun p -> at [ p ] lim closing_scenarios) closing_points in
  let all =
    counts
    @ [ whole; file "scenarios_waiting" of_waits; file "scenarios_unbuffered" of_zero;
        file "scenarios_closing" (of_closes small @ of_closes unbuffered) ]
  in
  let counted = List.map (fun (name, n) -> (name, num n)) all in
  let total = List.fold_left (fun sum (_, n) -> sum + n) 0 all in
  write "manifest.json"
    [ obj [ ("version", quoted version); ("vectors", num total); ("files", obj counted) ] ]
