// Package static holds the style sheet, the script and the images of the portal. Each file is served under a name that
// carries a hash of its content, so that a browser may keep it for ever and never sees an old one.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed css js img
var files embed.FS

type asset struct {
	contentType string
	plain       []byte
	gzipped     []byte
}

type bundle struct {
	paths  map[string]string // app.css → /static/app.<hash>.css
	assets map[string]asset  // app.<hash>.css
}

// load reads the embedded files once; it can fail only when the program was built wrong.
var load = sync.OnceValue(func() bundle {
	b, err := newBundle(files)
	if err != nil {
		panic(err)
	}
	return b
})

// Path is the address of a file, by its base name: Path("app.css"). For a name that does not exist it is empty.
func Path(name string) string { return load().paths[name] }

// Content is what is in a file, by its base name; nil for one that does not exist. Nobody may change it.
func Content(name string) []byte { return load().assets[path.Base(Path(name))].plain }

// Handler serves the files by the last part of the request's path. Mount it for GET and HEAD.
func Handler() http.Handler {
	b := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := b.assets[path.Base(r.URL.Path)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Vary", "Accept-Encoding")
		body := a.plain
		if acceptsGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.gzipped
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method == http.MethodHead {
			return
		}
		// A failed write means that the browser has gone; nobody is left to tell.
		_, _ = w.Write(body)
	})
}

func newBundle(fsys fs.FS) (bundle, error) {
	b := bundle{paths: make(map[string]string), assets: make(map[string]asset)}
	err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(fsys, p)
		if err != nil {
			return fmt.Errorf("static: read %s: %w", p, err)
		}
		a, err := newAsset(path.Ext(p), data)
		if err != nil {
			return fmt.Errorf("static: %s: %w", p, err)
		}
		sum := sha256.Sum256(data)
		base := path.Base(p)
		name := strings.TrimSuffix(base, path.Ext(p)) + "." + hex.EncodeToString(sum[:6]) + path.Ext(p)
		b.paths[base] = "/static/" + name
		b.assets[name] = a
		return nil
	})
	return b, err
}

func newAsset(ext string, data []byte) (asset, error) {
	types := map[string]string{
		".css": "text/css; charset=utf-8",
		".js":  "text/javascript; charset=utf-8",
		".svg": "image/svg+xml",
	}
	contentType, ok := types[ext]
	if !ok {
		return asset{}, fmt.Errorf("no content type for %q", ext)
	}
	var buf bytes.Buffer
	zw, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return asset{}, fmt.Errorf("compress: %w", err)
	}
	if _, err := zw.Write(data); err != nil {
		return asset{}, fmt.Errorf("compress: %w", err)
	}
	if err := zw.Close(); err != nil {
		return asset{}, fmt.Errorf("compress: %w", err)
	}
	return asset{contentType: contentType, plain: data, gzipped: buf.Bytes()}, nil
}

// acceptsGzip reads an Accept-Encoding header: gzip is named and not refused with q=0.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !ok {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
