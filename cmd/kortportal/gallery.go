package main

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"

	"github.com/a-h/templ"

	"kortportal/web/static"
	"kortportal/web/view"
)

type galleryCommand struct {
	Addr string `default:"localhost:8081" help:"Where to listen (default ${default})."`
}

// Run serves every page in every state, without a database.
func (c galleryCommand) Run(ctx context.Context, a *app) error {
	_, log, err := a.config()
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /static/{name}", static.Handler())
	index := "<!DOCTYPE html><html lang=en><meta charset=utf-8><title>Kortportal gallery</title><h1>Kortportal gallery</h1><ul>"
	for _, p := range view.Gallery() {
		path := "/" + string(p.Lang) + "/" + p.Name
		index += "<li><a href=\"" + html.EscapeString(path) + "\">" + html.EscapeString(path) + "</a>"
		mux.Handle("GET "+path, templ.Handler(p.Component))
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if _, err := fmt.Fprint(w, index); err != nil {
			log.Debug("the browser has gone", "error", err)
		}
	})
	log.Info("the gallery is ready", "address", localAddress(listener.Addr()))
	return serveHTTP(ctx, listener, mux, log)
}
