package channels

import (
	"context"
	"errors"
	"io"
	"testing"
)

// A channel of Go: it has room for so many chunks, or, with none, hands over only.
type channel struct{ chunks chan []byte }

func (c channel) Push(chunk []byte) (accepted bool) {
	defer func() { recover() }() // a send on a closed channel panics, which is a refusal
	select {
	case c.chunks <- chunk:
		return true
	default:
		return false
	}
}

func (c channel) Pull(give context.Context) ([]byte, error) {
	select {
	case chunk, open := <-c.chunks:
		if !open {
			return nil, io.EOF
		}
		return chunk, nil
	case <-give.Done():
		return nil, give.Err()
	}
}

func (c channel) Close() {
	defer func() { recover() }() // a second close panics
	close(c.chunks)
}

func (c channel) Error(string) {}
func (c channel) IsFull() bool { return len(c.chunks) == cap(c.chunks) }
func (c channel) Delete()      {}

func TestChannel(t *testing.T) {
	limits := map[string]int64{"high_water_mark": noLimit, "max_queue_chunks": 16}
	create := func() stream { return channel{make(chan []byte, 16)} }
	serve(t, library{"chan of Go", []string{"error"}, limits, create})
}

// The same, of which a send waits for room.
type waiting struct{ channel }

func (c waiting) Send(give context.Context, chunk []byte) (failed error) {
	defer func() {
		if recover() != nil { // the channel is closed, or was while it waited
			failed = errors.New("Stream closed")
		}
	}()
	select {
	case c.chunks <- chunk:
		return nil
	case <-give.Done():
		return give.Err()
	}
}

func TestWaitingChannel(t *testing.T) { serveWaiting(t, "chan of Go, waiting send", 16) }
func TestRendezvous(t *testing.T)     { serveWaiting(t, "chan of Go, unbuffered", 0) }

func serveWaiting(t *testing.T, name string, chunks int64) {
	limits := map[string]int64{"high_water_mark": noLimit, "max_queue_chunks": chunks}
	create := func() stream { return waiting{channel{make(chan []byte, chunks)}} }
	serve(t, library{name, []string{"error"}, limits, create})
}
