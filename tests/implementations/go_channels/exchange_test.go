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

// A sender waits for room instead of being refused; context.Canceled says that it gave up.
type sender interface {
	Send(give context.Context, chunk []byte) error
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
	offers := []string{"cancel"}
	if _, sends := it.create().(sender); sends {
		offers = append(offers, "cancel_push")
	}
	hello := map[string]any{"protocol": 1, "implementation": who, "settle": "exact",
		"capabilities": offers, "lacks": it.lacks, "limits": it.limits}
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
	run := &run{it: it, streams: map[int]stream{}, settled: make(chan []any, 1000)}
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
		settled := run.settlements()
		trace = append(trace, []any{run.after(returned), settled})
	}
	for _, giveUp := range run.giveUps { // no goroutine may be left in the bubble
		giveUp()
	}
	for _, push := range run.waiting {
		push.giveUp()
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
	waiting []*push
	settled chan []any
}

// A push that may wait, in a goroutine of its own; number once it does, how it ended once it has.
type push struct {
	giveUp context.CancelFunc
	number int
	how    []any
}

// What was returned once all is quiet: a push that has not ended waits, and gets a number.
func (r *run) after(returned any) any {
	switch it := returned.(type) {
	case []any:
		for place, each := range it {
			it[place] = r.after(each)
		}
	case *push:
		if it.how != nil {
			return it.how[0] == "accepted"
		}
		r.waiting = append(r.waiting, it)
		it.number = len(r.waiting)
		return nil
	}
	return returned
}

func (r *run) send(s sender, chunk []byte) *push {
	give, giveUp := context.WithCancel(context.Background())
	it := &push{giveUp: giveUp}
	go func() {
		err := s.Send(give, chunk)
		it.how = []any{"accepted"}
		if err != nil {
			it.how = []any{"turned_away", err.Error()}
		}
		if it.number > 0 && err != context.Canceled {
			r.settled <- append([]any{"push", it.number}, it.how...)
		}
	}()
	runtime.Gosched()
	return it
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
	case name == "cancel_push":
		waits := 0 < id && id <= len(r.waiting) && r.waiting[id-1].how == nil
		if waits {
			r.waiting[id-1].giveUp()
		}
		return waits
	case s == nil:
		return map[any]any{"push": false, "is_queue_full": true}[name]
	case name == "push":
		chunk := []byte{}
		text, _ := json.Marshal(op[2])
		json.Unmarshal(text, &chunk)
		if waits, sends := s.(sender); sends {
			return r.send(waits, chunk)
		}
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
