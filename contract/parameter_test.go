package contract

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// The types that parameters have in these tests.
var (
	aString  = &Schema{Type: "string"}
	anInt    = &Schema{Type: "integer", Format: "int32", Minimum: "0"}
	aNumber  = &Schema{Type: "number"}
	aBool    = &Schema{Type: "boolean"}
	strs     = &Schema{Type: "array", Items: &Schema{Type: "string", MinLength: 1}}
	ints     = &Schema{Type: "array", Items: anInt, HasMaxItems: true, MaxItems: 3}
	anObject = &Schema{Type: "object", Required: []string{"role"}, Properties: []Property{
		{"level", anInt}, {"role", &Schema{Type: "string", Enum: []string{`"admin"`, `"user"`}}}, {"sites", strs},
	}}
	anyOfIntOrName = &Schema{AnyOf: []*Schema{anInt, {Type: "string", MinLength: 2}}}
)

// ask sends one request to an operation with one parameter, and returns the violations, with what they want.
func ask(t *testing.T, p Parameter, target string, header ...string) []string {
	t.Helper()
	path := "/x"
	if p.In == "path" {
		path = "/x/{" + p.Name + "}"
	}
	var got []string
	h := NewHandler([]Operation{{ID: "op", Method: "GET", Path: path, Parameters: []Parameter{p}, Responses: []Response{{Status: "204"}}}},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(204) }),
		HandlerOptions{
			WriteFailure: func(w http.ResponseWriter, _ *http.Request, f *Failure) {
				for _, v := range f.Violations {
					got = append(got, strings.Join([]string{v.In, v.Pointer, v.Rule}, " "))
				}
				if got == nil {
					t.Errorf("%s: %d %s", target, f.Status, f.Message)
				}
				w.WriteHeader(f.Status)
			},
			OnUnknownQuery: func(_ *http.Request, names []string) { got = append(got, "unknown "+strings.Join(names, " ")) },
		})
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	h.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func TestQueryParameter(t *testing.T) {
	form := func(s *Schema, explode bool) Parameter {
		return Parameter{Name: "q", In: "query", Style: "form", Explode: explode, Schema: s}
	}
	styled := func(style string, s *Schema) Parameter {
		return Parameter{Name: "q", In: "query", Style: style, Schema: s}
	}
	required := func(p Parameter) Parameter { p.Required = true; return p }
	empty := func(p Parameter) Parameter { p.AllowEmpty = true; return p }
	inJSON := Parameter{Name: "q", In: "query", JSON: true, Schema: anObject}
	deep := Parameter{Name: "q", In: "query", Style: "deepObject", Explode: true, Schema: anObject}
	tests := []struct {
		name  string
		p     Parameter
		query string
		want  string // violations, separated by commas
	}{
		{"absent", form(anInt, true), "", ""},
		{"absent but required", required(form(anInt, true)), "", "query /q required"},
		{"integer", form(anInt, true), "q=12", ""},
		{"integer below minimum", form(anInt, true), "q=-1", "query /q minimum"},
		{"integer too large", form(anInt, true), "q=2147483648", "query /q format"},
		{"integer far too large", form(anInt, true), "q=" + strings.Repeat("9", 50), "query /q format"},
		{"integer with fraction", form(anInt, true), "q=1.0", "query /q type"},
		{"integer with exponent", form(anInt, true), "q=1e1", "query /q type"},
		{"integer with plus", form(anInt, true), "q=%2B1", "query /q type"},
		{"integer with zero in front", form(anInt, true), "q=01", "query /q type"},
		{"integer minus zero", form(anInt, true), "q=-0", "query /q type"},
		{"integer with space", form(anInt, true), "q=1+", "query /q type"},
		{"integer empty", form(anInt, true), "q=", "query /q type"},
		{"integer empty but allowed", empty(form(anInt, true)), "q=", ""},
		{"word for integer", form(anInt, true), "q=ten", "query /q type"},
		{"boolean for integer", form(anInt, true), "q=true", "query /q type"},
		{"number", form(aNumber, true), "q=-1.5e3", ""},
		{"number, hexadecimal", form(aNumber, true), "q=0x1", "query /q type"},
		{"number, NaN", form(aNumber, true), "q=NaN", "query /q type"},
		{"number out of range", form(aNumber, true), "q=1e999", "query /q type"},
		{"true", form(aBool, true), "q=true", ""},
		{"false", form(aBool, true), "q=false", ""},
		{"one for boolean", form(aBool, true), "q=1", "query /q type"},
		{"T for boolean", form(aBool, true), "q=True", "query /q type"},
		{"null for nullable", form(&Schema{Type: "integer", Nullable: true}, true), "q=null", "query /q type"},
		{"string", form(aString, true), "q=a%20b,c", ""},
		{"string that looks like a number", form(aString, true), "q=1", ""},
		{"string empty", required(form(aString, true)), "q=", ""},
		{"string without equals sign", form(aString, true), "q", ""},
		{"string, not UTF-8", form(aString, true), "q=%ff", "query /q syntax"},
		{"twice", form(aString, true), "q=a&q=b", "query /q duplicate"},
		{"type in allOf", form(&Schema{AllOf: []*Schema{{Nullable: true}, anInt}}, true), "q=x", "query /q type"},
		{"anyOf, integer", form(anyOfIntOrName, true), "q=7", ""},
		{"anyOf, string", form(anyOfIntOrName, true), "q=ab", ""},
		{"anyOf, string of digits", form(anyOfIntOrName, true), "q=-17", ""},
		{"anyOf, neither", form(anyOfIntOrName, true), "q=a", "query /q anyOf"},
		{"no type", form(&Schema{Enum: []string{"1", `"1"`}}, true), "q=1", ""},
		{"bad escape", form(aString, true), "q=%zz", "query  syntax"},
		{"semicolon", form(aString, true), "q=a;b", "query  syntax"},
		{"bad escape elsewhere", required(form(aString, true)), "z=%zz", "query  syntax"},

		{"array", form(strs, true), "q=a&q=b", ""},
		{"array, one item", form(ints, true), "q=1", ""},
		{"array, bad item", form(ints, true), "q=1&q=b&q=-1", "query /q/1 type,query /q/2 minimum"},
		{"array, too long", form(ints, true), "q=1&q=2&q=3&q=4", "query /q maxItems"},
		{"array, no commas", form(ints, true), "q=1,2", "query /q/0 type"},
		{"array, absent but required", required(form(strs, true)), "", "query /q required"},
		{"array in one", form(ints, false), "q=1,2", ""},
		{"array in one, comma escaped", form(ints, false), "q=1%2C2", ""},
		{"array in one, bad item", form(ints, false), "q=1,b", "query /q/1 type"},
		{"array in one, twice", form(ints, false), "q=1&q=2", "query /q duplicate"},
		{"array in one, empty item", form(strs, false), "q=a,,b", "query /q/1 minLength"},
		{"array in allOf", form(&Schema{AllOf: []*Schema{ints}}, false), "q=1,b", "query /q/1 type"},
		{"spaces", styled("spaceDelimited", ints), "q=1%202+3", ""},
		{"spaces, bad", styled("spaceDelimited", ints), "q=1,2", "query /q/0 type"},
		{"pipes", styled("pipeDelimited", ints), "q=1|2%7C3", ""},
		{"pipes, bad", styled("pipeDelimited", ints), "q=1|x", "query /q/1 type"},

		{"object", form(anObject, true), "role=admin&level=1", ""},
		{"object in allOf", form(&Schema{AllOf: []*Schema{anObject}}, true), "role=boss", "query /q/role enum"},
		{"array, not UTF-8", form(strs, true), "q=a&q=%ff", "query /q syntax"},
		{"object, not UTF-8", form(anObject, false), "q=role,%ff", "query /q syntax"},
		{"object, bad", form(anObject, true), "role=boss&level=x", "query /q/level type,query /q/role enum"},
		{"object, required member", form(anObject, true), "level=1", "query /q/role required"},
		{"object, twice", form(anObject, true), "role=admin&role=user", "query /q duplicate"},
		{"object, absent", form(anObject, true), "", ""},
		{"object, absent but required", required(form(anObject, true)), "", "query /q required"},
		{"object, own name is unknown", form(anObject, true), "q=1", "unknown q"},
		{"object in one", form(anObject, false), "q=role,admin", ""},
		{"object in one, bad", form(anObject, false), "q=role,boss", "query /q/role enum"},
		{"object in one, odd", form(anObject, false), "q=role", "query /q syntax"},
		{"object in one, member twice", form(anObject, false), "q=role,admin,role,user", "query /q duplicate"},
		{"object in one, other case", form(anObject, false), "q=role,user,Role,admin", "query /q syntax"},
		{"object in one, injection", form(anObject, false), "q=x," + url.QueryEscape(`y","role":"admin`) + ",role,user", "query /q syntax"},
		{"object in one, backslash", form(anObject, false), `q=role,user,x,\`, "query /q syntax"},

		{"deep", deep, "q[role]=admin&q[level]=3&q[sites]=a&q[sites]=b", ""},
		{"deep, indexed", deep, "q[role]=admin&q[sites][0]=a&q[sites][1]=b", ""},
		{"deep, bad index", deep, "q[role]=admin&q[sites][1]=a", "query /q syntax"},
		{"deep, one item without index", deep, "q[role]=admin&q[sites]=a", "query /q syntax"},
		{"deep, one item", deep, "q[role]=admin&q[sites][0]=a", ""},
		{"deep, undeclared member", deep, "q[role]=admin&q[more]=a", "query /q syntax"},
		{"deep, free members", Parameter{Name: "q", In: "query", Style: "deepObject", Explode: true, Schema: &Schema{Type: "object"}}, "q[more]=a&q[x][y]=1", ""},
		{"deep, bad item", deep, "q[role]=admin&q[sites][0]=a&q[sites][1]=", "query /q/sites/1 minLength"},
		{"deep, bad member", deep, "q[role]=boss", "query /q/role enum"},
		{"deep, member missing", deep, "q[level]=1", "query /q/role required"},
		{"deep, member twice", deep, "q[role]=admin&q[role]=user", "query /q syntax"},
		{"deep, value and members", deep, "q[role]=admin&q[role][x]=user", "query /q syntax"},
		{"deep, object for string", deep, "q[role][x]=admin", "query /q/role type"},
		{"deep, not closed", deep, "q[role=admin", "query /q syntax"},
		{"deep, bracket in name", deep, "q[ro[le]]=admin", "query /q syntax"},
		{"deep, too deep", deep, "q" + strings.Repeat("[a]", 21) + "=1", "query /q syntax"},
		{"deep, absent", deep, "", ""},
		{"deep, absent but required", required(deep), "q=1", "query /q required,unknown q"},

		{"JSON", inJSON, "q=" + url.QueryEscape(`{"role":"admin","level":1}`), ""},
		{"JSON, bad member", inJSON, "q=" + url.QueryEscape(`{"role":"admin","level":-1}`), "query /q/level minimum"},
		{"JSON, malformed", inJSON, "q={", "query /q syntax"},
		{"JSON, empty", inJSON, "q=", "query /q syntax"},
		{"JSON, cannot be read as checked", inJSON, "q=" + url.QueryEscape(`{"role":"admin","level":1.0}`), "query /q syntax"},
		{"JSON, other case", inJSON, "q=" + url.QueryEscape(`{"role":"user","Role":"admin"}`), "query /q syntax"},
		{"JSON, twice", inJSON, "q={}&q={}", "query /q duplicate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ask(t, tt.p, "/x?"+tt.query); !sameList(got, tt.want) {
				t.Errorf("%s\ngot  %q\nwant %q", tt.query, strings.Join(got, ","), tt.want)
			}
		})
	}
}

// sameList compares regardless of order.
func sameList(got []string, want string) bool {
	var list []string
	if want != "" {
		list = strings.Split(want, ",")
	}
	got = slices.Sorted(slices.Values(got))
	slices.Sort(list)
	return slices.Equal(got, list)
}

func TestPathParameter(t *testing.T) {
	styled := func(style string, explode bool, s *Schema) Parameter {
		return Parameter{Name: "p", In: "path", Style: style, Explode: explode, Required: true, Schema: s}
	}
	tests := []struct {
		name  string
		p     Parameter
		value string
		want  string
	}{
		{"simple", styled("simple", false, anInt), "5", ""},
		{"simple, bad", styled("simple", false, anInt), "x", "path /p type"},
		{"simple, comma in a string", styled("simple", false, aString), "a,b", ""},
		{"simple, escaped", styled("simple", false, &Schema{Type: "string", Pattern: "^a/b c$"}), "a%2Fb%20c", ""},
		{"simple, not UTF-8", styled("simple", false, aString), "%ff", "path /p syntax"},
		{"simple, empty", styled("simple", false, aString), "", "path /p required"},
		{"empty although not required", Parameter{Name: "p", In: "path", Style: "simple", Schema: aString}, "", "path /p required"},
		{"simple array", styled("simple", false, ints), "1,2", ""},
		{"simple array, bad item", styled("simple", false, ints), "1,x", "path /p/1 type"},
		{"simple object", styled("simple", false, anObject), "role,admin", ""},
		{"simple object, exploded", styled("simple", true, anObject), "role=admin", ""},
		{"simple object, exploded, bad", styled("simple", true, anObject), "role=boss", "path /p/role enum"},
		{"simple object, exploded, no value", styled("simple", true, anObject), "role", "path /p syntax"},
		{"simple object, exploded, two equals signs", styled("simple", true, anObject), "role=a=b", "path /p syntax"},
		{"label", styled("label", false, anInt), ".5", ""},
		{"label, no point", styled("label", false, anInt), "5", "path /p syntax"},
		{"label array", styled("label", false, ints), ".1,2", ""},
		{"label array, exploded", styled("label", true, ints), ".1.2", ""},
		{"label array, exploded, bad item", styled("label", true, ints), ".1.x", "path /p/1 type"},
		{"label array, no point", styled("label", true, ints), "1.2", "path /p syntax"},
		{"label object", styled("label", false, anObject), ".role,admin", ""},
		{"label object, exploded", styled("label", true, anObject), ".role=admin", ""},
		{"label object, no point", styled("label", true, anObject), "role=admin", "path /p syntax"},
		{"matrix", styled("matrix", false, anInt), ";p=5", ""},
		{"matrix, bad name", styled("matrix", false, anInt), ";q=5", "path /p syntax"},
		{"matrix array", styled("matrix", false, ints), ";p=1,2", ""},
		{"matrix array, exploded", styled("matrix", true, ints), ";p=1;p=2", ""},
		{"matrix array, exploded, bad item", styled("matrix", true, ints), ";p=1;p=x", "path /p/1 type"},
		{"matrix array, exploded, bad name", styled("matrix", true, ints), ";p=1;q=2", "path /p syntax"},
		{"matrix array, exploded, no semicolon", styled("matrix", true, ints), "p=1", "path /p syntax"},
		{"matrix object", styled("matrix", false, anObject), ";p=role,admin", ""},
		{"matrix object, exploded", styled("matrix", true, anObject), ";role=admin;level=1", ""},
		{"JSON", Parameter{Name: "p", In: "path", JSON: true, Required: true, Schema: ints}, "%5B1,2%5D", ""},
		{"JSON, bad", Parameter{Name: "p", In: "path", JSON: true, Required: true, Schema: ints}, "%5B1,-2%5D", "path /p/1 minimum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ask(t, tt.p, "/x/"+tt.value); !sameList(got, tt.want) {
				t.Errorf("%s\ngot  %q\nwant %q", tt.value, strings.Join(got, ","), tt.want)
			}
		})
	}
}

func TestHeaderParameter(t *testing.T) {
	header := func(s *Schema, required bool) Parameter {
		return Parameter{Name: "X-Par", In: "header", Style: "simple", Required: required, Schema: s}
	}
	tests := []struct {
		name   string
		p      Parameter
		values []string
		want   string
	}{
		{"absent", header(anInt, false), nil, ""},
		{"absent but required", header(anInt, true), nil, "header /X-Par required"},
		{"empty but required", header(aString, true), []string{""}, "header /X-Par required"},
		{"integer", header(anInt, true), []string{"5"}, ""},
		{"integer, bad", header(anInt, true), []string{"5.0"}, "header /X-Par type"},
		{"twice", header(strs, false), []string{"a", "b"}, "header /X-Par duplicate"},
		{"array", header(ints, false), []string{"1,2"}, ""},
		{"array with a space, which the generated code does not trim", header(ints, false), []string{"1, 2"}, "header /X-Par/1 type"},
		{"object", header(anObject, false), []string{"role,admin"}, ""},
		{"JSON", Parameter{Name: "X-Par", In: "header", JSON: true, Schema: ints}, []string{"[1,2]"}, ""},
		{"reserved", Parameter{Name: "accept", In: "header", Style: "simple", Required: true, Schema: anInt}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var lines []string
			for _, v := range tt.values {
				lines = append(lines, "x-par", v)
			}
			if got := ask(t, tt.p, "/x", lines...); !sameList(got, tt.want) {
				t.Errorf("got  %q\nwant %q", strings.Join(got, ","), tt.want)
			}
		})
	}
}

func TestCookieParameter(t *testing.T) {
	cookie := func(s *Schema, required bool) Parameter {
		return Parameter{Name: "c", In: "cookie", Style: "form", Explode: true, Required: required, Schema: s}
	}
	inJSON := Parameter{Name: "c", In: "cookie", JSON: true, Schema: ints}
	tests := []struct {
		name   string
		p      Parameter
		cookie string
		want   string
	}{
		{"absent", cookie(anInt, false), "d=1", ""},
		{"absent but required", cookie(anInt, true), "d=1", "cookie /c required"},
		{"integer", cookie(anInt, true), "d=x; c=1", ""},
		{"integer, bad", cookie(anInt, true), "c=x", "cookie /c type"},
		{"twice", cookie(anInt, true), "c=1; c=2", "cookie /c duplicate"},
		{"array", cookie(strs, true), `c=a`, ""},
		{"JSON", inJSON, "c=%5B1%5D", ""},
		{"JSON, bad", inJSON, "c=%5B-1%5D", "cookie /c/0 minimum"},
		{"JSON, bad escape", inJSON, "c=%zz", "cookie /c syntax"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ask(t, tt.p, "/x", "Cookie", tt.cookie); !sameList(got, tt.want) {
				t.Errorf("got  %q\nwant %q", strings.Join(got, ","), tt.want)
			}
		})
	}
}
