package i18n

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCatalogsAgree(t *testing.T) {
	sv, en := For(Swedish).texts, For(English).texts
	for _, key := range slices.Sorted(maps.Keys(sv)) {
		translated, ok := en[key]
		if !ok {
			t.Errorf("%s: missing in en.json", key)
			continue
		}
		if diff := cmp.Diff(params(sv[key]), params(translated)); diff != "" {
			t.Errorf("%s: parameters differ (-sv +en):\n%s", key, diff)
		}
		if (sv[key].one == nil) != (translated.one == nil) {
			t.Errorf("%s: plural forms in one language only", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(en)) {
		if _, ok := sv[key]; !ok {
			t.Errorf("%s: missing in sv.json", key)
		}
	}
}

// In one order the two files can be read side by side.
func TestCatalogsHaveOneOrder(t *testing.T) {
	if diff := cmp.Diff(keysOf(t, Swedish), keysOf(t, English)); diff != "" {
		t.Errorf("keys (-sv +en):\n%s", diff)
	}
}

func TestTextsAreWellSet(t *testing.T) {
	rules := []struct {
		wrong *regexp.Regexp
		why   string
	}{
		{regexp.MustCompile(`["']`), "straight quotation mark; ” or ’ in Swedish, “ ” or ’ in English"},
		{regexp.MustCompile(`[“‘«»]`), "Swedish quotes with ” on both sides"},
		{regexp.MustCompile(`\.\.\.`), "three dots; …"},
		{regexp.MustCompile(`^\s|\s$|  |[\t\n]`), "stray space"},
		{regexp.MustCompile(`[<>&]`), "markup"},
		{regexp.MustCompile(`(?i)^avsluta\b`), "Avsluta means two things to people; Spärra or Terminera"},
	}
	wellSet := regexp.MustCompile(`^[a-z_]+(\.[a-z0-9_]+)+$`)
	for _, l := range Langs() {
		for key, m := range For(l).texts {
			if !wellSet.MatchString(string(key)) {
				t.Errorf("%s.json: key %q is not feature.thing", l, key)
			}
			for _, text := range []string{plain(m.one), plain(m.other)} {
				for _, r := range rules {
					if l == English && strings.HasPrefix(r.why, "Swedish") {
						continue
					}
					if r.wrong.MatchString(text) {
						t.Errorf("%s.json: %s: %q: %s", l, key, text, r.why)
					}
				}
			}
		}
	}
}

// Every plural text must be countable, or its forms could never be chosen.
func TestPluralTextsCount(t *testing.T) {
	for _, l := range Langs() {
		for key, m := range For(l).texts {
			if m.one != nil && !slices.Contains(params(phrase{other: m.other}), countParam) {
				t.Errorf("%s.json: %s: plural forms without {count}", l, key)
			}
		}
	}
}

func TestParseCatalogRefuses(t *testing.T) {
	for name, data := range map[string]string{
		"no object":         `["a"]`,
		"not closed":        `{"a.b": "text"`,
		"something after":   `{"a.b": "text"} {}`,
		"key twice":         `{"a.b": "text", "a.b": "other text"}`,
		"empty text":        `{"a.b": ""}`,
		"number":            `{"a.b": 1}`,
		"empty form":        `{"a.b": {"one": "", "other": "{count} kort"}}`,
		"missing form":      `{"a.b": {"other": "{count} kort"}}`,
		"unknown form":      `{"a.b": {"one": "ett kort", "few": "kort", "other": "{count} kort"}}`,
		"open brace":        `{"a.b": "kort {number"}`,
		"closing brace":     `{"a.b": "kort number}"}`,
		"empty parameter":   `{"a.b": "kort {}"}`,
		"capital parameter": `{"a.b": "kort {Number}"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parseCatalog([]byte(data)); err == nil {
				t.Errorf("parseCatalog(%s) took it", data)
			}
		})
	}
	if _, err := parseCatalog([]byte(`{"a.b": "kort {number}", "a.c": {"one": "ett kort", "other": "{count} kort"}}`)); err != nil {
		t.Errorf("parseCatalog refused a good catalog: %v", err)
	}
}

func params(m phrase) []string {
	names := []string{}
	for _, s := range slices.Concat(m.one, m.other) {
		if s.param {
			names = append(names, s.text)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func plain(segments []segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.param {
			b.WriteString("{" + s.text + "}")
		} else {
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// keysOf are the keys of a catalog as they stand in its file.
func keysOf(t *testing.T, l Lang) []string {
	t.Helper()
	data, err := files.ReadFile(string(l) + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, line := range regexp.MustCompile(`(?m)^ {2}"([^"]+)":`).FindAllSubmatch(data, -1) {
		keys = append(keys, string(line[1]))
	}
	if len(keys) != len(For(l).texts) {
		t.Fatalf("%s.json: %d lines begin a key, want one for each of %d keys", l, len(keys), len(For(l).texts))
	}
	return keys
}
