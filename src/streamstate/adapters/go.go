// Adapter of a stream state registry in Go 1.25, wire protocol 1. It is a test, because only tests
// can wait until nothing can go on: name it adapter_test.go; go test -c -o adapter makes ./adapter.
// For your own registry change the package, hello and ops. If Pull blocks, settle in a goroutine.
package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"
	"testing/synctest"
)
type object = map[string]any

var hello = object{"protocol": 1, "capabilities": []any{"together", "lends"}, "settle": "exact",
	"implementation": object{"name": "registry.go", "version": "1.0.0", "language": "Go"}}
func run(seq int, program []json.RawMessage) object {
	registry, settled, trace, pulls, unknown := New(), make(chan []any, 1<<12), []any{}, 0, ""
	var do func(op json.RawMessage) any
	do = func(op json.RawMessage) (returned any) {
		name, id, text, chunk, several := "", 0, "", []byte{}, []json.RawMessage{}
		json.Unmarshal(op, &[]any{&name, &id, &text})
		json.Unmarshal(op, &[]any{&name, &id, &chunk}) // where it is base64
		json.Unmarshal(op, &several)
		ops := map[string]func(){
			"create":        func() { returned = registry.Create() },
			"push":          func() { returned = lend(chunk, id, registry.Push) },
			"pull":          func() { pulls++; registry.Pull(id, settle(pulls, settled)) },
			"close":         func() { registry.Close(id) },
			"error":         func() { registry.Error(id, fmt.Errorf("%s", text)) },
			"is_queue_full": func() { returned = registry.IsQueueFull(id) }, // behind it: "get"
			"delete":        func() { registry.Delete(id) },
			"clear":         func() { registry.Clear() },
			"together": func() { // with no wait between them
				all := []any{}
				for _, each := range several[1:] { all = append(all, do(each)) }
				returned = all
			},
		}
		if ops[name] == nil { unknown = name; return nil }
		defer tell(&returned)
		ops[name]()
		return returned
	}
	held := map[int][2][]byte{} // what pulls brought, and as it was left
	for _, op := range program {
		returned, happened := do(op), []any{}
		synctest.Wait()
		for pull := 1; pull <= pulls; pull++ { // what has changed since is told once
			if now := held[pull][0]; !bytes.Equal(now, held[pull][1]) {
				happened = append(happened, []any{pull, "changed", append([]byte{}, now...)})
				delete(held, pull)
			}
		}
		for len(settled) > 0 {
			outcome := <-settled
			if chunk, brought := outcome[len(outcome)-1].([]byte); brought {
				held[outcome[0].(int)] = [2][]byte{chunk, append([]byte{}, chunk...)}
			}
			happened = append(happened, outcome[:min(3, len(outcome))])
		}
		trace = append(trace, []any{returned, happened})
	}
	if unknown != "" { return object{"seq": seq, "failed": "unknown op " + unknown} }
	return object{"seq": seq, "trace": trace, "late": []any{}}
}
// A chunk is lent out of the middle of more memory. Its owner writes over it after the push, and
// whoever pulls into what that brought: a registry that keeps or shares memory shows.
func lend(chunk []byte, id int, push func(int, []byte) bool) bool {
	memory := bytes.Repeat([]byte{0xa5}, len(chunk)+8)
	lent := memory[3 : 3+copy(memory[3:], chunk)]
	defer overwrite(lent, 0xff)
	return push(id, lent)
}
func overwrite(chunk []byte, bits byte) {
	for at := len(chunk) - 1; at >= 0; at-- { chunk[at] = chunk[0] ^ bits }
}
func tell(to *any) { if why := recover(); why != nil { *to = object{"threw": fmt.Sprint(why)} } }
func settle(pull int, settled chan<- []any) func([]byte, error) {
	return func(chunk []byte, err error) {
		outcome := []any{pull, "value", append([]byte{}, chunk...), chunk}
		overwrite(chunk, 0x80)
		if err == io.EOF { outcome = []any{pull, "done"} }
		if err != nil && err != io.EOF { outcome = []any{pull, "error", err.Error()} }
		settled <- outcome
	}
}
func TestAdapter(t *testing.T) { synctest.Test(t, serve) }
func serve(t *testing.T) {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var message struct { Cmd string; Seq int; Program []json.RawMessage } // a new one each time
		if in.Decode(&message) != nil || message.Cmd == "stop" { break }
		if message.Cmd == "start" { out.Encode(hello); continue }
		out.Encode(run(message.Seq, message.Program))
	}
	os.Exit(0) // before the test says that it passed
}
