package i18n

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed sv.json en.json
var files embed.FS

// printers and stockholm read embedded data that the tests have read too; when they fail, the program was built wrong.
var printers = sync.OnceValue(func() map[Lang]*Printer {
	all := make(map[Lang]*Printer)
	for l, w := range map[Lang]*words{Swedish: swedishWords(), English: englishWords()} {
		data, err := files.ReadFile(string(l) + ".json")
		if err != nil {
			panic(err)
		}
		texts, err := parseCatalog(data)
		if err != nil {
			panic(fmt.Errorf("i18n: %s.json: %w", l, err))
		}
		all[l] = &Printer{lang: l, texts: texts, words: w}
	}
	return all
})

var stockholm = sync.OnceValue(func() *time.Location {
	loc, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err)
	}
	return loc
})

type catalog map[Key]phrase

// phrase is one text; one is its form for the number 1 and nil when the text has no plural forms.
// Swedish and English integers have no third form.
type phrase struct {
	one   []segment
	other []segment
}

// segment is a piece of text, or a parameter.
type segment struct {
	text  string
	param bool
}

func (m phrase) render(p *Printer, args []Arg) string {
	form := m.other
	if m.one != nil && countsOne(p.lang, args) {
		form = m.one
	}
	if len(form) == 1 && !form[0].param {
		return form[0].text
	}
	var b strings.Builder
	for _, s := range form {
		if s.param {
			b.WriteString(p.value(s.text, args))
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

func (p *Printer) value(name string, args []Arg) string {
	for _, a := range args {
		switch {
		case a.name != name:
		case a.isInt:
			return p.Number(a.n)
		default:
			return a.text
		}
	}
	return "{" + name + "}"
}

func countsOne(l Lang, args []Arg) bool {
	tag := language.Swedish
	if l == English {
		tag = language.English
	}
	for _, a := range args {
		if a.name == countParam && a.isInt {
			// MatchPlural wants an absolute value and needs only the last digits of a large one.
			n := int(a.n % 1_000_000)
			if n < 0 {
				n = -n
			}
			if a.n/1_000_000 != 0 {
				n += 1_000_000
			}
			return plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0) == plural.One
		}
	}
	return false
}

// parseCatalog reads a catalog and refuses what json would let pass: a key that stands twice, unknown plural forms, braces that do
// not name a parameter.
func parseCatalog(data []byte) (catalog, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return nil, fmt.Errorf("want one object")
	}
	texts := make(catalog)
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read a key: %w", err)
		}
		name, _ := tok.(string)
		if _, twice := texts[Key(name)]; twice {
			return nil, fmt.Errorf("key %q stands twice", name)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("key %q: %w", name, err)
		}
		m, err := parsePhrase(raw)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", name, err)
		}
		texts[Key(name)] = m
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("read the end: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("something stands after the object")
	}
	return texts, nil
}

func parsePhrase(raw json.RawMessage) (phrase, error) {
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		other, err := parseSegments(text)
		return phrase{other: other}, err
	}
	var forms struct {
		One   string `json:"one"`
		Other string `json:"other"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&forms); err != nil {
		return phrase{}, fmt.Errorf("want a text or the forms one and other: %w", err)
	}
	one, err := parseSegments(forms.One)
	if err != nil {
		return phrase{}, err
	}
	other, err := parseSegments(forms.Other)
	return phrase{one: one, other: other}, err
}

func parseSegments(text string) ([]segment, error) {
	if text == "" {
		return nil, fmt.Errorf("empty text")
	}
	var segments []segment
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{")
		if strings.Contains(before, "}") {
			return nil, fmt.Errorf("brace without a parameter in %q", text)
		}
		if before != "" {
			segments = append(segments, segment{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(after, "}")
		if !closed || !isParam(name) {
			return nil, fmt.Errorf("brace without a parameter in %q", text)
		}
		segments = append(segments, segment{text: name, param: true})
		rest = after
	}
	return segments, nil
}

func isParam(name string) bool {
	return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") == ""
}
