#!/bin/sh
# Names as an OCaml module: from Table.v on stdin, for each inductive type named as an argument a
# function from constructor to name, called as the type is, and the list of its constructors.
awk -v wanted="$*" '
  BEGIN { split(wanted, types, " "); for (i in types) on_list[types[i]] = 1 }
  !type && /^Inductive [a-z]+ :=/ && $2 in on_list { type = $2; sub(/^[^=]*=/, ""); n = 0 }
  type { line = $0; gsub(/[|.]/, " ", line); count = split(line, words, " ")
         for (i = 1; i <= count; i++) names[++n] = words[i]
         if ($0 !~ /\.$/) next
         printf "let %s : Registry.%s -> string = function\n", type, type
         for (i = 1; i <= n; i++) printf "  | Registry.%s -> \"%s\"\n", names[i], names[i]
         printf "let %ss = [\n", type
         for (i = 1; i <= n; i++) printf "  Registry.%s;\n", names[i]
         print "]"; type = "" }'
