package i18n

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// usage is what the program's sources say about keys.
type usage struct {
	literals map[string]bool // every string literal
	problems []string
}

// Templates are read as the Go that templ made of them.
func TestKeysInSources(t *testing.T) {
	u := usage{literals: make(map[string]bool)}
	for _, folder := range []string{"cmd", "internal", "web"} {
		u.readFolder(t, filepath.Join("..", "..", folder))
	}
	if len(u.literals) == 0 {
		t.Fatal("no sources found")
	}
	for _, p := range u.problems {
		t.Error(p)
	}
	for _, key := range slices.Sorted(maps.Keys(For(Swedish).texts)) {
		if !u.literals[string(key)] {
			t.Errorf("%s: no source uses this key", key)
		}
	}
}

// The test above must see what it is there for.
func TestKeysInSourcesSees(t *testing.T) {
	for name, tc := range map[string]struct{ code, want string }{
		"good":              {`w.T("status.active")`, ""},
		"good with a table": {`w.T(table[0])`, ""},
		"missing":           {`w.T("status.lively")`, "not in the catalog"},
		"missing feature":   {`w.T("nonesuch.title")`, "not in the catalog"},
		"missing in table":  {`table = []Key{"status.lively"}`, "not in the catalog"},
		"composed":          {`w.T("status." + code)`, "composed"},
		"formatted":         {`w.T(i18n.Key(fmt.Sprintf("status.%s", code)))`, "composed"},
		"converted":         {`key := i18n.Key("status." + code)`, "composed"},
		"code as it is":     {`w.T(i18n.Key(code))`, ""},
		"parameter unknown": {`w.T("status.active", i18n.Str("name", "x"))`, "parameters"},
	} {
		t.Run(name, func(t *testing.T) {
			u := usage{literals: make(map[string]bool)}
			u.readFile(t, "x.go", "package x\nimport \"kortportal/internal/i18n\"\nfunc f() { _ = i18n.Swedish\n"+tc.code+"\n}")
			switch {
			case tc.want == "" && len(u.problems) != 0:
				t.Errorf("problems %v, want none", u.problems)
			case tc.want != "" && (len(u.problems) == 0 || !strings.Contains(u.problems[0], tc.want)):
				t.Errorf("problems %v, want one about %q", u.problems, tc.want)
			}
		})
	}
}

func (u *usage) readFolder(t *testing.T, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			u.readFile(t, path, nil)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (u *usage) readFile(t *testing.T, path string, src any) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	speaks := slices.ContainsFunc(file.Imports, func(s *ast.ImportSpec) bool {
		return s.Path.Value == `"kortportal/internal/i18n"`
	})
	report := func(n ast.Node, format string, args ...any) {
		u.problems = append(u.problems, set.Position(n.Pos()).String()+": "+fmt.Sprintf(format, args...))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			text, ok := literal(n)
			if !ok {
				return true
			}
			u.literals[text] = true
			if _, known := For(Swedish).texts[Key(text)]; speaks && !known && looksLikeKey(text) {
				report(n, "%q is not in the catalog", text)
			}
		case *ast.CallExpr:
			if speaks {
				checkCall(n, report)
			}
		}
		return true
	})
}

func checkCall(call *ast.CallExpr, report func(ast.Node, string, ...any)) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) == 0 {
		return
	}
	key, isLiteral := literal(call.Args[0])
	switch sel.Sel.Name {
	case "Key":
		// A plain variable is let through: an unknown code that is shown as it is.
		if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "i18n" && isComposed(call.Args[0]) {
			report(call, "key is composed")
		}
	case "T":
		if isComposed(call.Args[0]) {
			report(call, "key is composed")
		}
		m, known := For(Swedish).texts[Key(key)]
		if isLiteral && !known && !looksLikeKey(key) {
			report(call, "%q is not in the catalog", key)
		}
		given, named := argNames(call.Args[1:])
		if isLiteral && known && named && !slices.Equal(given, params(m)) {
			report(call, "%q gets the parameters %v, want %v", key, given, params(m))
		}
	}
}

// isComposed holds for a + b and fmt.Sprintf(a, b), whose result grep cannot find.
func isComposed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BinaryExpr:
		return true
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && (strings.HasPrefix(sel.Sel.Name, "Sprint") || sel.Sel.Name == "Key" && isComposed(e.Args[0]))
	}
	return false
}

// argNames are the parameters that i18n.Str, Int and Count give; not ok when an argument is something else.
func argNames(args []ast.Expr) (names []string, ok bool) {
	names = []string{}
	for _, a := range args {
		call, isCall := a.(*ast.CallExpr)
		if !isCall {
			return nil, false
		}
		sel, isSel := call.Fun.(*ast.SelectorExpr)
		if !isSel {
			return nil, false
		}
		switch sel.Sel.Name {
		case "Count":
			names = append(names, countParam)
		case "Str", "Int":
			name, isLiteral := literal(call.Args[0])
			if !isLiteral {
				return nil, false
			}
			names = append(names, name)
		default:
			return nil, false
		}
	}
	slices.Sort(names)
	return names, true
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

var keyShape = regexp.MustCompile(`^([a-z_]+)(\.[a-z0-9_]+)+$`)

// looksLikeKey holds for texts shaped like a key of a feature that the catalog has.
func looksLikeKey(text string) bool {
	parts := keyShape.FindStringSubmatch(text)
	if parts == nil {
		return false
	}
	for key := range For(Swedish).texts {
		if strings.HasPrefix(string(key), parts[1]+".") {
			return true
		}
	}
	return false
}
