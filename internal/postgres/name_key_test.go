package postgres_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"kortportal/internal/postgres/pgtest"
)

func TestNameKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for name, want := range map[string]string{
		"Anna":                    "anna",
		"ANNA-KARIN  von  Ek":     "anna karin von ek",
		" Åke ":                   "{ke",
		"Ärla":                    "|rla",
		"ÖSTEN":                   "}sten",
		norm.NFD.String("Åäö"):    "{|}",
		norm.NFD.String("Émile"):  "emile",
		"Æsir Ølgaard":            "|sir }lgaard",        // Danish letters stand where Swedes look for them
		"Łukasz Żółć":             "lukasz zolc",         // Polish
		"Ąę Ćń Śź":                "ae cn sz",            // Polish
		"Šarūnas Žižė":            "sarunas zize",        // Lithuanian
		"Jānis Bērziņš":           "janis berzins",       // Latvian
		"Ģirts Ķēniņš":            "girts kenins",        // Latvian
		"Õie Jõgi":                "oie jogi",            // Estonian
		"İpek Yılmaz Ağaoğlu":     "ipek yilmaz agaoglu", // Turkish
		"Şükrü Çelik":             "sukru celik",
		"Þórdís Guðmundsdóttir":   "thordis gudmundsdottir", // Icelandic
		"Ștefan Țepeș Ţ":          "stefan tepes t",         // Romanian, both ways of writing
		"Großmann Müller":         "grossmann muller",
		"Jeanne d’Arc":            "jeanne d arc",
		"O`Brien O´Brien O'Brien": "o brien o brien o brien",
		"Øst, Åke (jr.)":          "}st {ke jr",
		"a\u00a0b\u2009c\u200bd":  "a b c d",
		"a\u0001b\tc\nd\u007fe":   "a b c d e",
		"A–B—C‐D−E":               "a b c d e",
		"{|}~":                    "",
		"":                        "",
		"  - . ":                  "",
		"Иван":                    "Иван", // other scripts stay as they are
		"王伟":                      "王伟",
		"50% Ek_o\\":              "50 ek o",
	} {
		if got := texts(t, db.App, `SELECT name_key($1)`, name)[0]; got != want {
			t.Errorf("name_key(%q) is %q, want %q", name, got, want)
		}
	}
}

// A key is its own key: what is stored and what is searched for meet.
func TestNameKeyIsStable(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, name := range []string{"Anna-Karin Ek", "Łukasz", "Jean d’Arc", "Øst", "Nguyễn", "İpek"} {
		keys := texts(t, db.App, `SELECT unnest(ARRAY[name_key($1), name_key(upper($1)), name_key(normalize($1, NFD)), name_key($1 || ' ')])`, name)
		for _, key := range keys[1:] {
			if key != keys[0] {
				t.Errorf("%q has the keys %q", name, keys)
			}
		}
	}
}

func TestFoldKeyAndWords(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for key, want := range map[string]string{"{ke {berg": "ake aberg", "|}": "ao", "anna": "anna", "": ""} {
		if got := texts(t, db.App, `SELECT fold_key($1)`, key)[0]; got != want {
			t.Errorf("fold_key(%q) is %q, want %q", key, got, want)
		}
	}
	for key, want := range map[string][]string{
		"anna ek":        {"anna", "ek"},
		"anna anna":      {"anna"},
		"{ke {kesson ek": {"ek", "{ke", "{kesson", "~ake", "~akesson"},
		"{ke ake":        {"ake", "{ke", "~ake"},
		"":               {},
	} {
		got := texts(t, db.App, `SELECT w FROM key_words($1) w ORDER BY w`, key)
		if diff := cmp.Diff(want, got, cmp.Transformer("none", func(s []string) []string { return append([]string{}, s...) })); diff != "" {
			t.Errorf("key_words(%q): %s", key, diff)
		}
	}
}

// The byte order of the keys is the order of a Swedish dictionary, letter by letter.
func TestKeysSortAsSwedish(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	names := strings.Fields(`Abel Ahl Al Andersson Andersen Ask Berg Bergman Bergström Björk Björklund Blad Borg Boström Byström Carlsson Dahl Dal Ek Eklund Ekström
		Eriksson Falk Forsberg Fransson Gren Grön Gustafsson Hall Hallberg Holm Hansson Håkansson Hällström Höglund Isaksson Jakobsson Jansson Johansson Jonsson
		Kjell Lind Lindberg Lindh Ljung Lundqvist Lång Löf Löfgren Malm Mattsson Måns Märta Mörk Nilsson Norberg Nyberg Nyström Olofsson Olsson Palm Persson Pål
		Quist Rask Ros Rosén Råberg Rönn Sand Sjöberg Stål Ståhl Ström Sund Svensson Sång Sällström Söder Söderberg Tor Tåg Törn Ulf Vall Viklund Våg Wall Wik
		Xerxes Ylva Zackrisson Zetterlund Zorn Åberg Ågren Åhl Ål Åman Åström Ädel Äng Ängström Ärlig Öberg Ögren Öhman Öman Örn Östberg Östlund`)
	sv := collate.New(language.Swedish)
	want := slices.Clone(names)
	slices.SortStableFunc(want, sv.CompareString)
	got := texts(t, db.App, `SELECT n FROM unnest($1::text[]) n ORDER BY name_key(n) COLLATE "C"`, names)
	// W and v are letters of their own since 2006; accents that Swedish does not count are ties.
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The words are those that one query over the key would give.
func TestKeyWordsAreTheWordsOfTheKey(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	const q = `
		SELECT 'key_words' AS by, array_agg(w ORDER BY w COLLATE "C")::text FROM key_words($1) w
		UNION ALL
		SELECT 'query', array_agg(w ORDER BY w COLLATE "C")::text FROM (
			SELECT w FROM string_to_table($1, ' ') w WHERE w <> ''
			UNION SELECT '~' || fold_key(w) FROM string_to_table($1, ' ') w WHERE fold_key(w) <> w) x (w)`
	rapid.Check(t, func(rt *rapid.T) {
		key := rapid.StringOfN(rapid.SampledFrom([]rune("ab{|}~ ÅБ王'")), 0, 14, -1).Draw(rt, "key")
		rows, err := db.App.Query(t.Context(), q, key)
		if err != nil {
			rt.Fatal(err)
		}
		words, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (words *string, err error) {
			var by string
			return words, row.Scan(&by, &words)
		})
		if err != nil || len(words) != 2 {
			rt.Fatal(words, err)
		}
		if diff := cmp.Diff(words[1], words[0]); diff != "" {
			rt.Errorf("key_words(%q), the query and the function:\n%s", key, diff)
		}
	})
}
