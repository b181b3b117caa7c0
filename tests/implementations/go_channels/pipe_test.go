package channels

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
)

// A pipe of Go holds nothing: what is pushed is a write that waits for its read, one at a time.
type pipe struct {
	reader  *io.PipeReader
	writer  *io.PipeWriter
	writing *bool
}

func (p pipe) Push(chunk []byte) bool {
	if *p.writing {
		return false
	}
	*p.writing = true
	refused := false
	go func() {
		_, err := p.writer.Write(chunk)
		refused = err != nil
		*p.writing = false
	}()
	synctest.Wait()
	return !refused
}

func (p pipe) Pull(context.Context) ([]byte, error) {
	room := make([]byte, 100_000)
	count, err := p.reader.Read(room)
	if errors.Is(err, io.ErrClosedPipe) {
		err = errors.New("Stream deleted")
	}
	return room[:count], err
}

func (p pipe) Close()               { p.writer.Close() }
func (p pipe) Error(message string) { p.writer.CloseWithError(errors.New(message)) }
func (p pipe) IsFull() bool         { return *p.writing }
func (p pipe) Delete()              { p.reader.Close() }

func TestPipe(t *testing.T) {
	limits := map[string]int64{"high_water_mark": noLimit, "max_queue_chunks": 1}
	create := func() stream {
		reader, writer := io.Pipe()
		return pipe{reader, writer, new(bool)}
	}
	serve(t, library{"io.Pipe", []string{}, limits, create})
}
