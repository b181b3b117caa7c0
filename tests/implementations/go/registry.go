// Package registry is a small stream state registry in Go, in the dialect reference, beside which
// the Go starter is tried.
package registry

import (
	"errors"
	"io"
)

// Settle is told how a pull ends, once: a chunk, or io.EOF at the end, or another error.
type Settle func(chunk []byte, err error)

type stream struct {
	queue   [][]byte
	size    int
	closed  bool
	err     error
	waiting Settle
}

func (s *stream) settle(chunk []byte, err error) {
	if waiting := s.waiting; waiting != nil {
		s.waiting = nil
		waiting(chunk, err)
	}
}

// Registry is the table of streams by number.
type Registry struct {
	created        int
	streams        map[int]*stream
	highWaterMark  int
	maxQueueChunks int
}

// New returns an empty registry.
func New() *Registry {
	return NewWithLimits(65536, 16)
}

// NewWithLimits returns an empty registry whose queues are full at so many bytes or chunks.
func NewWithLimits(highWaterMark, maxQueueChunks int) *Registry {
	return &Registry{
		streams:        map[int]*stream{},
		highWaterMark:  highWaterMark,
		maxQueueChunks: maxQueueChunks,
	}
}

// Create makes a stream and returns its number.
func (r *Registry) Create() int {
	r.created++
	r.streams[r.created] = &stream{}
	return r.created
}

// Push offers a chunk and tells whether it was accepted.
func (r *Registry) Push(id int, chunk []byte) bool {
	s := r.streams[id]
	if s == nil || s.closed || s.err != nil {
		return false
	}
	own := append([]byte{}, chunk...)
	if s.waiting != nil {
		s.settle(own, nil)
		return true
	}
	s.queue = append(s.queue, own)
	s.size += len(own)
	return true
}

// Pull asks for the next chunk.
func (r *Registry) Pull(id int, settle Settle) {
	switch s := r.streams[id]; {
	case s == nil:
		settle(nil, io.EOF)
	case s.err != nil:
		settle(nil, s.err)
	case len(s.queue) > 0:
		chunk := s.queue[0]
		s.queue = s.queue[1:]
		s.size -= len(chunk)
		settle(chunk, nil)
	case s.closed:
		settle(nil, io.EOF)
	default:
		s.settle(nil, errors.New("Pull superseded"))
		s.waiting = settle
	}
}

// Close says that no more chunks will come.
func (r *Registry) Close(id int) {
	if s := r.streams[id]; s != nil {
		s.closed = true
		s.settle(nil, io.EOF)
	}
}

// Error breaks a stream.
func (r *Registry) Error(id int, err error) {
	if s := r.streams[id]; s != nil {
		s.err = err
		s.settle(nil, err)
	}
}

// IsQueueFull tells whether a producer should wait.
func (r *Registry) IsQueueFull(id int) bool {
	s := r.streams[id]
	return s == nil || s.size >= r.highWaterMark || len(s.queue) >= r.maxQueueChunks
}

// View is what the registry shows of a stream.
type View struct {
	Queue       [][]byte
	QueueSize   int
	Closed      bool
	Err         error
	PullWaiting bool
}

// Get shows a stream; nil of one that is unknown.
func (r *Registry) Get(id int) *View {
	s := r.streams[id]
	if s == nil {
		return nil
	}
	return &View{s.queue, s.size, s.closed, s.err, s.waiting != nil}
}

// Delete forgets a stream.
func (r *Registry) Delete(id int) {
	if s := r.streams[id]; s != nil {
		delete(r.streams, id)
		s.settle(nil, errors.New("Stream deleted"))
	}
}

// Clear deletes every stream, in the order of creation.
func (r *Registry) Clear() {
	for id := 1; id <= r.created; id++ {
		r.Delete(id)
	}
}
