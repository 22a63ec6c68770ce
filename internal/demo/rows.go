package demo

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
)

// rows writes rows in Postgres' binary format for COPY. pgx's own CopyFrom takes every value through an interface and
// cannot say FREEZE, which spares the first reader of each page a write.
type rows struct {
	w      *bufio.Writer
	row    []byte
	fields int
	n      int64
}

const (
	copyHeader = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	// Binary times and dates count from 2000-01-01.
	epochSeconds = 946684800
	epochDays    = 10957
)

// copyRows loads a table that was truncated in this transaction.
func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, fill func(*rows) error) (int64, error) {
	sql := fmt.Sprintf("COPY %s (%s) FROM STDIN WITH (FORMAT binary, FREEZE)", table, strings.Join(columns, ", "))
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		r := &rows{w: bufio.NewWriterSize(writer, 1<<18), fields: len(columns)}
		err := r.all(fill)
		done <- err
		_ = writer.CloseWithError(err) // never fails
	}()
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, reader, sql)
	_ = reader.Close() // lets the generator end when Postgres refused; never fails
	made := <-done
	if err != nil {
		return 0, fmt.Errorf("copy %s: %w", table, err)
	}
	return tag.RowsAffected(), made
}

func (r *rows) all(fill func(*rows) error) error {
	if _, err := r.w.WriteString(copyHeader); err != nil {
		return err
	}
	if err := fill(r); err != nil {
		return err
	}
	if _, err := r.w.Write([]byte{0xff, 0xff}); err != nil {
		return err
	}
	return r.w.Flush()
}

// end finishes a row.
func (r *rows) end() error {
	var head [2]byte
	binary.BigEndian.PutUint16(head[:], uint16(r.fields))
	if _, err := r.w.Write(head[:]); err != nil {
		return err
	}
	_, err := r.w.Write(r.row)
	r.row = r.row[:0]
	r.n++
	return err
}

func (r *rows) null() { r.row = binary.BigEndian.AppendUint32(r.row, 0xffffffff) }

func (r *rows) text(s string) {
	r.row = binary.BigEndian.AppendUint32(r.row, uint32(len(s)))
	r.row = append(r.row, s...)
}

// name writes a text that is null when empty.
func (r *rows) name(s string) {
	if s == "" {
		r.null()
		return
	}
	r.text(s)
}

func (r *rows) bytes(b []byte) {
	r.row = binary.BigEndian.AppendUint32(r.row, uint32(len(b)))
	r.row = append(r.row, b...)
}

func (r *rows) no() { r.row = append(r.row, 0, 0, 0, 1, 0) }

func (r *rows) big(n int64) {
	r.row = binary.BigEndian.AppendUint32(r.row, 8)
	r.row = binary.BigEndian.AppendUint64(r.row, uint64(n))
}

// ref writes an id that is null when zero.
func (r *rows) ref(id int64) {
	if id == 0 {
		r.null()
		return
	}
	r.big(id)
}

func (r *rows) integer(n int) {
	r.row = binary.BigEndian.AppendUint32(r.row, 4)
	r.row = binary.BigEndian.AppendUint32(r.row, uint32(int32(n)))
}

// time writes a timestamptz from seconds since 1970.
func (r *rows) time(unix int64) { r.big((unix - epochSeconds) * 1_000_000) }

func (r *rows) date(d day) { r.integer(int(d) - epochDays) }
