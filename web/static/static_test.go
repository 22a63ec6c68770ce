package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, method, path, acceptEncoding string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", acceptEncoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	for name, contentType := range map[string]string{
		"app.css":     "text/css; charset=utf-8",
		"app.js":      "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml",
	} {
		t.Run(name, func(t *testing.T) {
			p := Path(name)
			if !regexp.MustCompile(`^/static/\w+\.[0-9a-f]{12}\.\w+$`).MatchString(p) {
				t.Fatalf("path %q", p)
			}
			plain := get(t, http.MethodGet, p, "")
			want := plain.Body.Bytes()
			if plain.Code != http.StatusOK || len(want) == 0 || plain.Header().Get("Content-Encoding") != "" {
				t.Errorf("plain: %d, %d bytes, encoding %q", plain.Code, len(want), plain.Header().Get("Content-Encoding"))
			}
			for header, want := range map[string]string{
				"Content-Type": contentType, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
			} {
				if got := plain.Header().Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
			zipped := get(t, http.MethodGet, p, "br, gzip;q=0.8")
			zr, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(zr)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) || zipped.Header().Get("Content-Encoding") != "gzip" {
				t.Error("the compressed file is not the plain one")
			}
			head := get(t, http.MethodHead, p, "")
			if head.Header().Get("Content-Length") != strconv.Itoa(len(want)) || len(head.Body.Bytes()) != 0 {
				t.Errorf("HEAD: length %s with a body of %d bytes", head.Header().Get("Content-Length"), len(head.Body.Bytes()))
			}
		})
	}
}

func TestHandlerNotFound(t *testing.T) {
	for _, p := range []string{"/static/app.css", "/static/", "/static/app.000000000000.css", "/static/../static.go"} {
		if resp := get(t, http.MethodGet, p, "gzip"); resp.Code != http.StatusNotFound || resp.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d, %q", p, resp.Code, resp.Header().Get("Cache-Control"))
		}
	}
	if p := Path("no.css"); p != "" {
		t.Errorf("Path of a file that does not exist: %q", p)
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.000": false, "gzip; q=0.5": true, "gzipped": false, "gzip;q=x": false,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}

func TestContentChangesThePath(t *testing.T) {
	paths := make(map[string]bool)
	for _, content := range []string{"a{}", "b{}"} {
		b, err := newBundle(fstest.MapFS{"css/app.css": {Data: []byte(content)}})
		if err != nil {
			t.Fatal(err)
		}
		paths[b.paths["app.css"]] = true
	}
	if len(paths) != 2 {
		t.Errorf("two contents share a path: %v", paths)
	}
	if _, err := newBundle(fstest.MapFS{"img/a.exe": {Data: []byte("x")}}); err == nil {
		t.Error("a file of an unknown type is served")
	}
}
