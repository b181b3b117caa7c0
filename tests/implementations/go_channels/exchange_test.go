// Protocol 1 on stdin and stdout, for what Go's own library has. Each program runs in a bubble of
// synctest, which says when all goroutines wait. The table of numbers is made here, for all alike.
package channels

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
)

// A stream is one queue. Pull waits in a goroutine of its own; io.EOF is the end.
type stream interface {
	Push(chunk []byte) bool
	Pull(give context.Context) ([]byte, error)
	Close()
	Error(message string)
	IsFull() bool
	Delete()
}

type library struct {
	name   string
	lacks  []string
	limits map[string]int64
	create func() stream
}

const noLimit = 1<<53 - 1

func serve(t *testing.T, it library) {
	who := map[string]any{"name": it.name, "version": runtime.Version()[2:], "language": "Go"}
	hello := map[string]any{"protocol": 1, "implementation": who, "settle": "exact",
		"capabilities": []string{"cancel"}, "lacks": it.lacks, "limits": it.limits}
	lines := bufio.NewReader(os.Stdin)
	for {
		var ask struct {
			Cmd     string
			Seq     int
			Program []any
		}
		line, err := lines.ReadBytes('\n')
		if err != nil || json.Unmarshal(line, &ask) != nil || ask.Cmd == "stop" {
			os.Exit(0) // before the test tool says anything
		}
		answer := any(hello)
		if ask.Cmd == "run" {
			synctest.Test(t, func(*testing.T) { answer = through(it, ask.Seq, ask.Program) })
		}
		text, _ := json.Marshal(answer)
		fmt.Printf("%s\n", text)
	}
}

func through(it library, seq int, program []any) any {
	run := &run{it: it, streams: map[int]stream{}}
	trace := []any{}
	for _, each := range program {
		op, returned := each.([]any), any(nil)
		if op[0] == "together" {
			all := []any{}
			for _, inner := range op[1:] {
				all = append(all, run.do(inner.([]any)))
			}
			returned = all
		} else {
			returned = run.do(op)
		}
		trace = append(trace, []any{returned, run.settlements()})
	}
	for _, giveUp := range run.giveUps { // no goroutine may be left in the bubble
		giveUp()
	}
	for id := 1; id <= run.created; id++ {
		run.remove(id)
	}
	return map[string]any{"seq": seq, "trace": trace, "late": []any{}}
}

type run struct {
	it      library
	streams map[int]stream
	created int
	giveUps []context.CancelFunc
	settled chan []any
}

func (r *run) settlements() []any {
	synctest.Wait()
	found := []any{}
	for len(r.settled) > 0 {
		found = append(found, <-r.settled)
	}
	return found
}

func (r *run) do(op []any) any {
	id := 0
	if len(op) > 1 {
		id = int(op[1].(float64))
	}
	s := r.streams[id]
	switch name := op[0]; {
	case name == "create":
		r.created++
		r.streams[r.created] = r.it.create()
		return r.created
	case name == "pull":
		r.pull(s)
	case name == "clear":
		for id := 1; id <= r.created; id++ {
			r.remove(id)
		}
	case name == "cancel_pull":
		if 0 < id && id <= len(r.giveUps) {
			r.giveUps[id-1]()
		}
	case s == nil:
		return map[any]any{"push": false, "is_queue_full": true}[name]
	case name == "push":
		chunk := []byte{}
		text, _ := json.Marshal(op[2])
		json.Unmarshal(text, &chunk)
		return s.Push(chunk)
	case name == "close":
		s.Close()
	case name == "error":
		s.Error(op[2].(string))
	case name == "is_queue_full":
		return s.IsFull()
	case name == "delete":
		r.remove(id)
	default:
		panic(fmt.Sprint("unknown op ", name))
	}
	return nil
}

func (r *run) remove(id int) {
	if s := r.streams[id]; s != nil {
		delete(r.streams, id)
		s.Delete()
	}
}

// A pull begins at once, in its goroutine, so that pulls wait in their order.
func (r *run) pull(s stream) {
	if r.settled == nil {
		r.settled = make(chan []any, 1000)
	}
	give, giveUp := context.WithCancel(context.Background())
	r.giveUps = append(r.giveUps, giveUp)
	number := len(r.giveUps)
	go func() {
		chunk, err := []byte(nil), io.EOF
		if s != nil {
			chunk, err = s.Pull(give)
		}
		switch {
		case err == nil:
			r.settled <- []any{number, "value", chunk}
		case err == io.EOF:
			r.settled <- []any{number, "done"}
		case err != context.Canceled:
			r.settled <- []any{number, "error", err.Error()}
		}
	}()
	runtime.Gosched()
}
