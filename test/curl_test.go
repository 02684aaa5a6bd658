package test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// unwanted is what no response may contain: credentials, values that were sent, Go, the text of a schema.
var unwanted = regexp.MustCompile(`nobody|(?i:s3cret)|interconnect\.|contract\.|json:|\*[a-z]|\bstruct\b|map\[|unmarshal|goroutine|\.go:|"properties"|"type":|"oneOf"`)

// unsaid fails if a response says what it must not.
func unsaid(t testing.TB, answer string) {
	t.Helper()
	if found := unwanted.FindString(answer); found != "" {
		t.Errorf("the response says %q:\n%s", found, answer)
	}
}

// A curl is a request as a client sends it that knows nothing of the document.
type curl struct {
	method, path, body string
	header             http.Header
	chunked            bool // no Content-Length
}

const (
	interconnectsPath = interconnect.BasePath + "/accounts/" + account + "/cni/interconnects"
	cnisPath          = interconnect.BasePath + "/accounts/" + account + "/cni/cnis"
	settingsPath      = interconnect.BasePath + "/accounts/" + account + "/cni/settings"
	slotsPath         = interconnect.BasePath + "/accounts/" + account + "/cni/slots"
)

// get and post are requests with everything that they need.
func get(path string) curl {
	return curl{method: "GET", path: path, header: http.Header{"Authorization": {"Bearer " + token}}}
}

func post(path, body string) curl {
	c := get(path)
	c.method, c.body = "POST", body
	c.header.Set("Content-Type", "application/json")
	return c
}

func put(path, body string) curl {
	c := post(path, body)
	c.method = "PUT"
	return c
}

// with sets a header, or deletes it if the value is empty.
func (c curl) with(name, value string) curl {
	c.header.Set(name, value)
	if value == "" {
		c.header.Del(name)
	}
	return c
}

func (c curl) as(method string) curl {
	c.method = method
	return c
}

func (c curl) inChunks() curl {
	c.chunked = true
	return c
}

func (c curl) send(t *testing.T, s *server) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(c.method, s.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = c.header
	if c.chunked {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(c.body)), -1
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response, readAll(t, response.Body)
}

const (
	order  = `{"type":"direct","account":"a","slot_id":"1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512"}`
	aCNI   = `{"account":"a","interconnect":"i","magic":{"conduit_name":"c","description":"","mtu":1500}}`
	withID = `{"account":"a","interconnect":"i","magic":{"conduit_name":"c","description":"","mtu":1500},"id":`
)

func TestRefusals(t *testing.T) {
	const limit = 64 << 10
	service := newService()
	s := serve(t, service, contract.HandlerOptions{MaxBody: limit})
	large := `{"type":"direct","account":"a","slot_id":"` + strings.Repeat("s3cret", limit/6) + `"}`
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	with := func(body, member string) string { return strings.TrimSuffix(body, "}") + "," + member + "}" }

	for name, c := range map[string]struct {
		curl       curl
		status     int
		violations []string
		header     string // a line that the response has
	}{
		// Bodies that are not one JSON value.
		"empty body":          {post(interconnectsPath, ""), 400, []string{`"" required`}, ""},
		"empty body, chunked": {post(interconnectsPath, "").inChunks(), 400, []string{`"" required`}, ""},
		"white space":         {post(interconnectsPath, "  \n"), 400, []string{`"" syntax`}, ""},
		"truncated":           {post(interconnectsPath, order[:40]), 400, []string{`"" syntax`}, ""},
		"not JSON":            {post(interconnectsPath, `type=direct&account=s3cret`), 400, []string{`"" syntax`}, ""},
		"trailing garbage":    {post(interconnectsPath, order+"s3cret"), 400, []string{`"" trailing`}, ""},
		"second value":        {post(interconnectsPath, order+order), 400, []string{`"" trailing`}, ""},
		"trailing comma":      {post(interconnectsPath, strings.TrimSuffix(order, "}")+",}"), 400, []string{`"" syntax`}, ""},
		"comment":             {post(interconnectsPath, order+"// s3cret"), 400, []string{`"" trailing`}, ""},
		"byte order mark":     {post(interconnectsPath, "\ufeff"+order), 400, []string{`"" syntax`}, ""},
		"NaN":                 {put(settingsPath, `{"default_asn":NaN}`), 400, []string{`"" syntax`}, ""},
		"hexadecimal":         {put(settingsPath, `{"default_asn":0x1F}`), 400, []string{`"" syntax`}, ""},
		"duplicate":           {post(interconnectsPath, with(order, `"account":"s3cret"`)), 400, []string{`/account duplicate`}, ""},
		"duplicate, escaped":  {post(interconnectsPath, with(order, `"\u0061ccount":"s3cret"`)), 400, []string{`/account duplicate`}, ""},
		"nested duplicate": {post(cnisPath, strings.Replace(aCNI, `"mtu"`, `"mtu":1,"mtu"`, 1)), 400,
			[]string{`/magic/mtu duplicate`}, ""},
		"invalid UTF-8":       {post(interconnectsPath, strings.Replace(order, `"a"`, "\"\xff\"", 1)), 400, []string{`"" syntax`}, ""},
		"overlong UTF-8":      {post(interconnectsPath, strings.Replace(order, `"a"`, "\"\xc0\xaf\"", 1)), 400, []string{`"" syntax`}, ""},
		"lone surrogate":      {post(interconnectsPath, strings.Replace(order, `"a"`, `"\ud800"`, 1)), 400, []string{`"" syntax`}, ""},
		"surrogates reversed": {post(interconnectsPath, strings.Replace(order, `"a"`, `"\udc00\ud800"`, 1)), 400, []string{`"" syntax`}, ""},
		"deep":                {post(interconnectsPath, deep), 400, []string{`"" depth`}, ""},
		"deep unknown member": {post(interconnectsPath, with(order, `"x":`+deep)), 400, []string{`"" depth`}, ""},

		// Bodies of the wrong shape.
		"null":               {post(interconnectsPath, `null`), 400, []string{`"" type`}, ""},
		"null settings":      {put(settingsPath, `null`), 400, []string{`"" type`}, ""},
		"number":             {post(interconnectsPath, `42`), 400, []string{`"" type`}, ""},
		"array":              {post(cnisPath, `[`+aCNI+`]`), 400, []string{`"" type`}, ""},
		"no type":            {post(interconnectsPath, `{}`), 400, []string{`/type required`}, ""},
		"unknown type":       {post(interconnectsPath, `{"type":"s3cret"}`), 400, []string{`/type discriminator`}, ""},
		"type in other case": {post(interconnectsPath, strings.Replace(order, `"type"`, `"Type"`, 1)), 400, []string{`/type required`}, ""},
		"member in other case": {post(interconnectsPath, with(order, `"SLOT_ID":"s3cret"`)), 400,
			[]string{`/SLOT_ID additionalProperties`}, ""},
		"wrong type":      {post(interconnectsPath, strings.Replace(order, `"a"`, `5`, 1)), 400, []string{`/account type`}, ""},
		"bad UUID":        {post(interconnectsPath, strings.Replace(order, "1f6b8c0e", "s3cret00", 1)), 400, []string{`/slot_id format`}, ""},
		"braced UUID":     {put(cnisPath+"/"+cniID.String(), withID+`"{`+cniID.String()+`}"}`), 400, []string{`/id format`}, ""},
		"missing members": {post(interconnectsPath, `{"type":"gcp_partner"}`), 400, []string{`/account required`, `/pairing_key required`, `/bandwidth required`}, ""},
		"unknown enum value": {post(interconnectsPath, `{"type":"gcp_partner","account":"a","pairing_key":"s3cret","bandwidth":"s3cret"}`), 400,
			[]string{`/bandwidth enum`}, ""},
		"both variants": {post(interconnectsPath, with(order, `"pairing_key":"s3cret","bandwidth":"1G"`)), 400,
			[]string{`/pairing_key additionalProperties`, `/bandwidth additionalProperties`}, ""},
		"variant of the other": {post(interconnectsPath, strings.Replace(order, "direct", "gcp_partner", 1)), 400,
			[]string{`/pairing_key required`, `/bandwidth required`, `/slot_id additionalProperties`}, ""},
		"several": {post(cnisPath, `{"account":"","interconnect":1,"magic":{"conduit_name":"s3cret","mtu":-1},"bgp":{"customer_asn":4294967296,"extra_prefixes":["10.0.0.0/8","s3cret",null],"md5_key":"?"}}`), 400,
			[]string{`/account minLength`, `/interconnect type`, `/magic/description required`, `/magic/mtu minimum`,
				`/bgp/customer_asn maximum`, `/bgp/extra_prefixes/1 format`, `/bgp/extra_prefixes/2 type`, `/bgp/md5_key pattern`}, ""},
		"pointer with slash":     {post(interconnectsPath, with(order, `"a/b~c":1`)), 400, []string{`/a~1b~0c additionalProperties`}, ""},
		"fraction":               {put(settingsPath, `{"default_asn":1.5}`), 400, []string{`/default_asn type`}, ""},
		"number in quotes":       {put(settingsPath, `{"default_asn":"64512"}`), 400, []string{`/default_asn type`}, ""},
		"beyond int64":           {put(settingsPath, `{"default_asn":1e30}`), 400, []string{`/default_asn format`, `/default_asn maximum`}, ""},
		"beyond a double":        {put(settingsPath, `{"default_asn":1e999}`), 400, []string{`/default_asn format`, `/default_asn maximum`}, ""},
		"ID of the wrong format": {put(cnisPath+"/"+cniID.String(), withID+`"s3cret"}`), 400, []string{`/id format`}, ""},

		// Parameters, on their own and together with the body.
		"empty segment":         {get(slotsPath + "/"), 400, []string{`path parameter "slot" required`}, ""},
		"bad UUID in the path":  {get(slotsPath + "/s3cret"), 400, []string{`path parameter "slot" format`}, ""},
		"bad query":             {get(slotsPath + "?occupied=s3cret&limit=-1&cursor=x"), 400, []string{`query parameter "occupied" type`, `query parameter "cursor" type`, `query parameter "limit" minimum`}, ""},
		"query twice":           {get(slotsPath + "?limit=1&limit=2"), 400, []string{`query parameter "limit" duplicate`}, ""},
		"enum in the query":     {get(interconnectsPath + "?type=s3cret"), 400, []string{`query parameter "type" enum`}, ""},
		"letter without a name": {get(interconnectsPath + "/n/loa?name="), 400, []string{`query parameter "name" minLength`}, ""},
		"account too long": {put(interconnect.BasePath+"/accounts/"+strings.Repeat("s3cret", 6)+"/cni/settings", `{"default_asn":"x"}`), 400,
			[]string{`path parameter "account_id" maxLength`, `/default_asn type`}, ""},
		"dot in the path": {get(interconnectsPath + "/.hidden"), 400, []string{`path parameter "icon" pattern`}, ""},

		// Everything else.
		"too large":          {post(interconnectsPath, large), 413, nil, ""},
		"too large, chunked": {post(interconnectsPath, large).inChunks(), 413, nil, ""},
		"no content type":    {post(interconnectsPath, order).with("Content-Type", ""), 415, nil, "Accept: application/json"},
		"form":               {post(interconnectsPath, order).with("Content-Type", "application/x-www-form-urlencoded"), 415, nil, "Accept: application/json"},
		"problem":            {post(interconnectsPath, order).with("Content-Type", "application/problem+json"), 415, nil, "Accept: application/json"},
		"other charset":      {post(interconnectsPath, order).with("Content-Type", "application/json; charset=utf-16"), 415, nil, "Accept: application/json"},
		"compressed":         {post(interconnectsPath, order).with("Content-Encoding", "gzip"), 415, nil, "Accept-Encoding: identity"},
		"no credentials":     {get(settingsPath).with("Authorization", ""), 401, nil, "Www-Authenticate: Bearer"},
		"half a credential": {get(settingsPath).with("Authorization", "").with("X-Auth-Key", key), 401, nil,
			"Www-Authenticate: Bearer"},
		"no credentials for nonsense": {post(interconnectsPath, `s3cret`).with("Authorization", ""), 401, nil, "Www-Authenticate: Bearer"},
		"unknown path":                {get(interconnect.BasePath + "/accounts/a/cni/s3cret"), 404, nil, ""},
		"no base path":                {get("/accounts/a/cni/slots"), 404, nil, ""},
		"slash at the end":            {get(settingsPath + "/"), 404, nil, ""},
		"path in other case":          {get(strings.Replace(slotsPath, "cni", "CNI", 1)), 404, nil, ""},
		"wrong method":                {post(settingsPath, `{}`), 405, nil, "Allow: GET, HEAD, PUT"},
		"wrong method for the item":   {post(cnisPath+"/"+cniID.String(), aCNI), 405, nil, "Allow: DELETE, GET, HEAD, PUT"},
		"unknown method":              {get(slotsPath).as("BREW"), 405, nil, "Allow: GET, HEAD"},
	} {
		t.Run(name, func(t *testing.T) {
			response, body := c.curl.send(t, s)
			equal(t, "status", response.StatusCode, c.status)
			equal(t, "content type", response.Header.Get("Content-Type"), "application/json")
			equal(t, "violations", rulesOfEnvelope(t, body), c.violations)
			if key, value, found := strings.Cut(c.header, ": "); found {
				equal(t, key, response.Header.Get(key), value)
			}
			unsaid(t, body)
			if t.Failed() {
				t.Log(body)
			}
		})
	}
	equal(t, "request that reached the implementation", service.last, nil)
	equal(t, "reported errors", s.reported(), nil)
}

// The document says that the pointer of a failure points into the body of the request.
func TestPointersPointIntoTheBody(t *testing.T) {
	s := serve(t, newService(), contract.HandlerOptions{})
	_, body := put(cnisPath+"/s3cret", withID+`"s3cret"}`).send(t, s)
	failure := failureIn(t, body)
	if len(failure.Errors) != 2 {
		t.Fatal(body)
	}
	if source := failure.Errors[0].Source; source != nil {
		t.Errorf("the path parameter %q has the pointer %s", failure.Errors[0].Message, *source.Pointer)
	}
	equal(t, "pointer", failure.Errors[1].Source, &interconnect.FailureSource{Pointer: new("/id")})
}

// TestAdmissions is for what looks odd but is right.
func TestAdmissions(t *testing.T) {
	physicalOrder := interconnect.NewInterconnectCreate(interconnect.PhysicalInterconnectCreate{Account: "a", SlotID: freeSlot})
	create := func(o interconnect.InterconnectCreate) any {
		return interconnect.CreateInterconnectRequestObject{AccountID: account, Body: &o}
	}
	settings := func(asn nullable.Nullable[int64]) any {
		return interconnect.UpdateSettingsRequestObject{AccountID: account, Body: &interconnect.SettingsUpdate{DefaultASN: asn}}
	}
	for name, c := range map[string]struct {
		curl    curl
		request any
	}{
		"white space":          {post(interconnectsPath, " \r\n\t"+order+"\n\n"), create(physicalOrder)},
		"chunked":              {post(interconnectsPath, order).inChunks(), create(physicalOrder)},
		"charset":              {post(interconnectsPath, order).with("Content-Type", `Application/JSON; charset="UTF-8"`), create(physicalOrder)},
		"escapes":              {post(interconnectsPath, strings.NewReplacer("direct", `d\u0069rect`, `"type"`, `"\u0074ype"`).Replace(order)), create(physicalOrder)},
		"UUID in upper case":   {post(interconnectsPath, strings.Replace(order, "1f6b8c0e", "1F6B8C0E", 1)), create(physicalOrder)},
		"whole number":         {put(settingsPath, `{"default_asn":6.5e4}`), settings(nullable.NewNullableWithValue(int64(65000)))},
		"null member":          {put(settingsPath, `{"default_asn":null}`), settings(nullable.NewNullNullable[int64]())},
		"minus zero":           {put(settingsPath, `{"default_asn":-0.0}`), settings(nullable.NewNullableWithValue(int64(0)))},
		"lower case scheme":    {get(settingsPath).with("Authorization", "bearer "+token), interconnect.GetSettingsRequestObject{AccountID: account}},
		"body of a GET":        {post(settingsPath, "s3cret").as("GET"), interconnect.GetSettingsRequestObject{AccountID: account}},
		"escape in the path":   {get(strings.Replace(settingsPath, account, "%61", 1)), interconnect.GetSettingsRequestObject{AccountID: "a"}},
		"slash in the account": {get(strings.Replace(settingsPath, account, "a%2Fb", 1)), interconnect.GetSettingsRequestObject{AccountID: "a/b"}},
		// A member that the document does not know and does not forbid is not mistaken for one that it knows.
		"open object": {put(cnisPath+"/"+cniID.String(), strings.Replace(withID+`"`+cniID.String()+`"}`, `"mtu"`, `"MTU":-1,"mtu"`, 1)),
			interconnect.UpdateCNIRequestObject{AccountID: account, CNI: cniID, Body: &interconnect.CNIUpdate{
				Account: "a", Interconnect: "i", ID: &cniID, Magic: interconnect.MagicSettings{ConduitName: "c", MTU: 1500}}}},
	} {
		t.Run(name, func(t *testing.T) {
			service := newService()
			response, body := c.curl.send(t, serve(t, service, contract.HandlerOptions{}))
			if response.StatusCode != http.StatusOK {
				t.Errorf("%s: %s", response.Status, body)
			}
			equal(t, "request", service.last, c.request)
		})
	}
}

func TestHEAD(t *testing.T) {
	s := serve(t, newService(), contract.HandlerOptions{})
	response, body := get(interconnectsPath+"/"+physical.Name).as("HEAD").send(t, s)
	equal(t, "status", response.StatusCode, http.StatusOK)
	equal(t, "body", body, "")
	equal(t, "reported errors", s.reported(), nil)
}

func TestUnknownQueryParameters(t *testing.T) {
	s := serve(t, newService(), contract.HandlerOptions{})
	response, body := get(slotsPath+"?per_page=5&Limit=s3cret&limit=5&_=1").send(t, s)
	if response.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", response.Status, body)
	}
	equal(t, "unknown", s.unknown, []string{"Limit", "_", "per_page"})
}

// TestBodyUnread sends only the head of a request and the question whether the body is welcome. A server that began to read
// would answer 100.
func TestBodyUnread(t *testing.T) {
	s := serve(t, newService(), contract.HandlerOptions{})
	for name, c := range map[string]struct {
		header []string
		want   string
	}{
		"no credentials":          {[]string{"Content-Type: application/json", "Content-Length: 100"}, "HTTP/1.1 401 Unauthorized"},
		"no credentials, chunked": {[]string{"Content-Type: application/json", "Transfer-Encoding: chunked"}, "HTTP/1.1 401 Unauthorized"},
		"wrong media type":        {[]string{"Authorization: Bearer x", "Content-Type: text/plain", "Content-Length: 100"}, "HTTP/1.1 415 Unsupported Media Type"},
		"too large":               {[]string{"Authorization: Bearer x", "Content-Type: application/json", "Content-Length: 99999999"}, "HTTP/1.1 413 Request Entity Too Large"},
		"welcome":                 {[]string{"Authorization: Bearer x", "Content-Type: application/json", "Content-Length: 100"}, "HTTP/1.1 100 Continue"},
	} {
		t.Run(name, func(t *testing.T) {
			connection, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(10 * time.Second))
			head := append([]string{"POST " + interconnectsPath + " HTTP/1.1", "Host: x", "Expect: 100-continue"}, c.header...)
			fmt.Fprint(connection, strings.Join(head, "\r\n")+"\r\n\r\n")
			line, err := bufio.NewReader(connection).ReadString('\n')
			equal(t, "answer", strings.TrimSpace(line), c.want)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestBodyCutOff hangs up in the middle of a body.
func TestBodyCutOff(t *testing.T) {
	service := newService()
	s := serve(t, service, contract.HandlerOptions{})
	connection, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(connection, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n%s",
		interconnectsPath, order)
	connection.(*net.TCPConn).CloseWrite()
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	equal(t, "status", response.StatusCode, http.StatusBadRequest)
	rulesOfEnvelope(t, readAll(t, response.Body))
	equal(t, "request that reached the implementation", service.last, nil)
}

// A liar breaks the document in its responses, as its account says.
type liar struct{ *service }

const secretName = "s3cret"

func (liar) GetSlot(_ context.Context, r interconnect.GetSlotRequestObject) (interconnect.GetSlotResponseObject, error) {
	slot := interconnect.Slot{ID: freeSlot, Site: secretName, Facility: ashburn, Speed: "10G"}
	switch r.AccountID {
	case "long-account":
		slot.Account = new(strings.Repeat(secretName, 10))
	case "nothing":
		return nil, nil
	case "error":
		return nil, errors.New("no route to " + secretName)
	case "panic":
		panic(secretName)
	case "empty-failure":
		return interconnect.GetSlot404JSONResponse{}, nil
	}
	return interconnect.GetSlot200JSONResponse(slot), nil
}

func (liar) GetInterconnect(_ context.Context, r interconnect.GetInterconnectRequestObject) (interconnect.GetInterconnectResponseObject, error) {
	v := physical
	v.Name = secretName
	switch r.AccountID {
	case "zero-union":
		return interconnect.GetInterconnect200JSONResponse{}, nil
	case "wrong-type":
		v.Type = "gcp_partner"
	}
	return interconnect.GetInterconnect200JSONResponse(interconnect.NewInterconnect(v)), nil
}

func (liar) GetInterconnectLOA(_ context.Context, r interconnect.GetInterconnectLOARequestObject) (interconnect.GetInterconnectLOAResponseObject, error) {
	return interconnect.GetInterconnectLOA200ApplicationpdfResponse{Body: bytes.NewReader(letter), ContentLength: int64(len(letter)) + 5}, nil
}

func TestInvalidAnswers(t *testing.T) {
	s := serve(t, liar{newService()}, contract.HandlerOptions{})
	const slot, icon = "/cni/slots/1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512", "/cni/interconnects/n"
	for _, c := range []struct {
		account, path string
		status        int      // that the implementation meant; 0 if it gave none
		violations    []string // of its body
		report        string   // a part of the reported error
	}{
		{"long-account", slot, 200, []string{`/account maxLength`}, `get_slot: the document does not describe this 200 OK: /account: want at most 32 characters, got "s3crets3`},
		{"nothing", slot, 0, []string{`/status required`}, `get_slot: response status: want a response; there is none`},
		{"empty-failure", slot, 404, []string{`/errors minItems`}, `get_slot: the document does not describe this 404 Not Found`},
		{"error", slot, 0, nil, `no route to ` + secretName},
		{"panic", slot, 0, nil, `panic: ` + secretName},
		{"zero-union", icon, 0, nil, `the Interconnect holds no variant; make one with NewInterconnect`},
		{"wrong-type", icon, 200, []string{`/type enum`}, `/type: want "direct", got "gcp_partner"`},
	} {
		t.Run(c.account, func(t *testing.T) {
			response, body := get(interconnect.BasePath+"/accounts/"+c.account+c.path).send(t, s)
			equal(t, "status", response.StatusCode, http.StatusInternalServerError)
			equal(t, "violations in the answer", rulesOfEnvelope(t, body), nil)
			unsaid(t, body)
			if len(body) > 200 {
				t.Errorf("the response is long: %s", body)
			}
			errs := s.reported()
			if len(errs) != 1 || !strings.Contains(errs[0].Error(), c.report) {
				t.Fatalf("reported %v, want %q", errs, c.report)
			}
			equal(t, "violations", rulesOf(errs[0]), c.violations)
			invalid, ok := errors.AsType[*contract.ResponseError](errs[0])
			if ok != (c.status != 0 || c.account == "nothing") {
				t.Fatalf("reported %T", errs[0])
			}
			if ok {
				equal(t, "meant status", invalid.Status, c.status)
				equal(t, "body of the report", strings.Contains(string(invalid.Body), secretName), c.status == 200)
			}
		})
	}
}

// A PDF is passed through as it comes, so that a wrong length shows only at its end: the connection is cut.
func TestLetterOfWrongLength(t *testing.T) {
	s := serve(t, liar{newService()}, contract.HandlerOptions{})
	client := newClient(t, s.URL, nil, contract.TransportOptions{}, bearer(token))
	resp, err := client.GetInterconnectLOA(context.Background(), account, physical.Name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
}
