(* Input and output for the extracted registry.

   table                                               every cell of the table
   queues DIALECT BYTES CHUNKS                         every op on queues of up to four chunks
   explore DIALECT BYTES CHUNKS STREAMS PULLS PUSHES   every transition of a bounded instance
   vectors DIRECTORY                                   the conformance vectors *)

open Shown

let () =
  let named dialect = dialect_of (String.split_on_char ',' dialect) in
  let limits bytes chunks = limits_of (int_of_string bytes) (int_of_string chunks) in
  match List.tl (Array.to_list Sys.argv) with
  | [ "table" ] -> Cells.table ()
  | [ "queues"; dialect; bytes; chunks ] -> Queues.queues (named dialect) (limits bytes chunks)
  | [ "explore"; dialect; bytes; chunks; streams; pulls; pushes ] ->
      let int = int_of_string in
      Explore.explore (named dialect) (limits bytes chunks) (int streams) (int pulls) (int pushes)
  | [ "vectors"; directory ] -> Vectors.vectors directory
  | _ ->
      prerr_endline
        "usage: table | queues DIALECT BYTES CHUNKS | vectors DIRECTORY\
        \ | explore DIALECT BYTES CHUNKS STREAMS PULLS PUSHES";
      exit 2
