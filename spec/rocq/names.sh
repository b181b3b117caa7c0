#!/bin/sh
# The rules' names as an OCaml module: from Table.v on stdin.
awk '/^Inductive rule :=/ { on = 1; next }
     on { line = $0; gsub(/[|.]/, " ", line); count += split(line, words, " ")
          for (i = 1; i in words; i++) names[++n] = words[i]
          if ($0 ~ /\.$/) exit }
     END { print "let rule : Registry.rule -> string = function"
           for (i = 1; i <= n; i++) printf "  | Registry.%s -> \"%s\"\n", names[i], names[i]
           print "let all = ["
           for (i = 1; i <= n; i++) printf "  \"%s\";\n", names[i]
           print "]" }'
