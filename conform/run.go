package conform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/internal/redact"
)

// Options say what to drive, and how.
type Options struct {
	// BaseURL is where the paths of the document begin, such as http://127.0.0.1:8080/client/v4.
	BaseURL string

	// Account is the account to order in.
	Account string

	// OtherAccount is an account that the credentials are good for too, and that should see nothing of the first one. If not
	// specified, that is not checked.
	OtherAccount string

	Credentials Credentials

	// Seed decides on everything that is chosen freely: the same seed sends the same requests to a server in the same state.
	Seed uint64

	// Control brings about what callers cannot: failures such as 429, and the states of links. If not specified, those are not
	// checked.
	Control Control

	// Client sends the requests. If not specified, it is one with a timeout of 30 s. Redirects are not followed.
	Client *http.Client

	// MaxRequests bounds the requests, but for the ones that clean up. If not specified, it is 5,000.
	MaxRequests int

	// OnFinding, if specified, is called with each finding when it is made, but not with what repeats an earlier one.
	OnFinding func(Finding)
}

const (
	defaultMaxRequests = 5000
	maxAnswer          = 10 << 20
	maxSilent          = 3
	maxWaits           = 3                // for 429, per request
	maxWait            = 30 * time.Second // each
)

// ErrSilent is the error of a run in which no response came to several requests in a row. The error of Run wraps it and says why.
var ErrSilent = errors.New("the server does not answer")

// ErrRefused is the error of a run in which not even a list was answered.
var ErrRefused = errors.New("none of the lists is answered; are the URL, the account and the credentials right? not everything was checked")

// ErrReadOnly is the error of a run whose credentials may read only.
var ErrReadOnly = errors.New("the credentials may read but not change anything, want some that may order and configure; not everything was checked")

// ErrRequests is the error of a run that has used up its requests before the end.
var ErrRequests = errors.New("the limit of requests was reached; not everything was checked")

// Run drives a server and reports what it found. The error says that the options are wrong, that the context ended, or that the
// requests were used up; then the report is of what was done until then. Deviations are not an error.
func Run(ctx context.Context, opts Options) (*Report, error) {
	base, err := url.Parse(opts.BaseURL)
	switch {
	case err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https":
		return nil, errors.New("conform: BaseURL is not a URL, want one such as http://127.0.0.1:8080" + interconnect.BasePath)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("conform: BaseURL has a user, a query or a fragment; want scheme, host and path only")
	case opts.Account == "":
		return nil, errors.New("conform: Account is empty, want the ID of an account")
	case opts.Account == opts.OtherAccount:
		return nil, errors.New("conform: OtherAccount is the Account, want another one, or none")
	case opts.Credentials.Token == "" && (opts.Credentials.Email == "" || opts.Credentials.Key == ""):
		return nil, errors.New("conform: Credentials are missing, want a token, or an e-mail address and a key")
	}
	if opts.MaxRequests == 0 {
		opts.MaxRequests = defaultMaxRequests
	}
	client := http.Client{Timeout: 30 * time.Second}
	if opts.Client != nil {
		client = *opts.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

	operations := interconnect.Operations()
	source := rand.New(rand.NewPCG(opts.Seed, 0))
	d := &driver{
		ctx: ctx, opts: opts, client: &client, operations: map[string]*contract.Operation{},
		secrets: redact.Credentials(opts.Credentials.Token, opts.Credentials.Key),
		source:  source, maker: maker{source},
		report: newReport(opts.BaseURL, opts.Seed, operations),
	}
	for i := range operations {
		d.operations[operations[i].ID] = &operations[i]
	}
	d.run(operations)
	d.cleanUp()
	d.report.finish()
	if err := cmp.Or(ctx.Err(), d.err); err != nil {
		d.report.Unfinished = err.Error()
		return d.report, err
	}
	return d.report, nil
}

// run is everything that is checked, in an order in which each step has what it needs.
func (d *driver) run(operations []contract.Operation) {
	if d.reach(); d.err != nil {
		return
	}
	d.slots()
	d.settings()
	d.order()
	d.configure()
	d.isolation()
	for i := range operations {
		d.parameters(&operations[i])
		d.bodies(&operations[i])
		d.unknown(&operations[i])
	}
	d.variations()
	d.excess()
	d.paging()
	d.methods(operations)
	for i := range operations {
		d.authentication(&operations[i])
	}
	d.provoke(operations)
	for i := range operations {
		d.randomly(&operations[i])
	}
	d.withdraw()
}

// reach ends the run if there is nothing to drive: then each request would be a finding, and all would say the same.
func (d *driver) reach() {
	found := d.hold(func() {
		switch {
		case !d.anyOf([]string{"list_slots", "list_interconnects", "list_cnis"}, nil, func(a *answer) bool { return a.ok() || a.status >= 500 }):
			d.err = cmp.Or(d.err, ErrRefused)
		// A list is not a valid body of any of these. A server that checks bodies first would not tell that the credentials are not enough,
		// but it does not change anything either.
		case !d.anyOf([]string{"create_cni", "create_interconnect", "update_settings"}, []byte("[]"), func(a *answer) bool {
			return a.status != http.StatusUnauthorized && a.status != http.StatusForbidden
		}):
			d.err = cmp.Or(d.err, ErrReadOnly)
		}
	})
	if d.answered == 0 || errors.Is(d.err, ErrReadOnly) {
		return
	}
	for _, f := range found {
		d.take(f)
	}
}

// anyOf calls operations until a response is as it should be, and reports whether one was. A run that ends meanwhile may go either way.
func (d *driver) anyOf(ids []string, body []byte, good func(*answer) bool) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return good(d.call(d.request(id).with(body))) })
}

// hold does something and returns the findings that are made meanwhile, which are not yet in the report.
func (d *driver) hold(do func()) []Finding {
	var found []Finding
	d.held = &found
	do()
	d.held = nil
	return found
}

// A driver is one run.
type driver struct {
	maker
	source     *rand.Rand // that of the maker
	ctx        context.Context
	opts       Options
	client     *http.Client
	secrets    *redact.Secrets // the credentials
	operations map[string]*contract.Operation
	report     *Report
	err        error // ends the run

	world    world
	last     *answer // to an order
	silent   int     // how many requests in a row had no response
	answered int     // how many requests had one

	held *[]Finding // where findings go that may not be reported; otherwise nil
}

// call sends a request and validates the response against what the document says of any response to the operation.
func (d *driver) call(q request) *answer {
	if d.err == nil && d.report.Requests >= d.opts.MaxRequests {
		d.err = ErrRequests
	}
	if d.err != nil || d.ctx.Err() != nil {
		return &answer{request: q}
	}
	a, err := d.send(d.ctx, q)
	if d.ctx.Err() != nil {
		return &answer{request: q}
	}
	d.report.check(q.op.ID, RuleAnswer)
	if err != nil {
		if d.silent++; d.silent >= maxSilent {
			d.err = d.silence(err)
		}
		d.find(a, RuleAnswer, "an HTTP answer", d.secrets.Text(err.Error(), redacted))
		return a
	}
	d.silent = 0
	d.answered++
	d.note(a)
	if a.repeats {
		d.find(a, RuleSecret, "a response without the credentials of the request", a.seen())
	}
	if q.provoked == anyStatus {
		return a
	}
	d.want(a, RuleServerError, a.status < 500 || a.status == q.provoked, "no 5xx: the server does not fail, whatever it is sent")
	for _, rule := range []Rule{RuleStatus, RuleContentType, RuleHeader} {
		d.report.check(q.op.ID, rule)
	}
	if a.status < 400 {
		d.report.check(q.op.ID, RuleBody)
	} else {
		d.report.check(q.op.ID, RuleFailure)
	}
	for _, v := range departures(a) {
		d.find(a, ruleOf(v, a.status), fmt.Sprintf("for the answer %d: %s", a.status, withoutGot(v)), a.seen())
	}
	return a
}

// silence is the error of a run that ends because no response comes.
func (d *driver) silence(cause error) error {
	if wrapped := new(url.Error); errors.As(cause, &wrapped) {
		cause = wrapped.Err // without the URL of the request
	}
	if errors.Is(cause, io.EOF) {
		cause = errors.New("the connection was closed without a response")
	}
	checked := "not everything"
	if d.answered == 0 {
		checked = "nothing"
	}
	return &silentError{fmt.Sprintf("%s does not answer: %s; %s was checked", d.opts.BaseURL, d.secrets.Text(cause.Error(), redacted), checked)}
}

type silentError struct{ text string }

func (e *silentError) Error() string { return e.text }

func (*silentError) Unwrap() error { return ErrSilent }

// withoutGot leaves out what differs from one response to the next.
func withoutGot(v contract.Violation) string {
	v.Got = ""
	return v.String()
}

// send sends a request, again if the server asks to wait.
func (d *driver) send(ctx context.Context, q request) (*answer, error) {
	for waits := 0; ; waits++ {
		a, err := d.once(ctx, q)
		seconds, _ := strconv.Atoi(a.header.Get("Retry-After"))
		pause := max(time.Second, min(time.Duration(seconds)*time.Second, maxWait))
		if err != nil || a.status != http.StatusTooManyRequests || a.status == q.provoked || waits == maxWaits {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (d *driver) once(ctx context.Context, q request) (*answer, error) {
	a := &answer{request: q}
	r, err := q.http(ctx, d.opts.BaseURL)
	if err != nil {
		return a, err
	}
	d.report.Requests++
	resp, err := d.client.Do(r)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return a, fmt.Errorf("reading the body: %w", err)
	}
	a.status, a.header, a.body = resp.StatusCode, d.secrets.Header(resp.Header, redacted), d.secrets.Cut(body, redacted)
	a.repeats = !bytes.Equal(a.body, body) || !reflect.DeepEqual(a.header, resp.Header)
	a.json = parsed(a.body)
	return a, nil
}

// redacted replaces credentials that a server repeats, so that no finding shows them.
const redacted = "[redacted]"

// note records what a request and its response cover, and what the response says was created.
func (d *driver) note(a *answer) {
	q, c := a.request, d.report.Coverage
	id := q.op.ID
	if q.method == q.op.Method {
		c.Statuses[id][a.status]++
		for _, p := range q.op.Parameters {
			if raw, sent := q.parameter(p); sent {
				c.parameter(q.op, p, raw)
			}
		}
	}
	if response := declared(q.op, a.status); response != nil && len(response.Content) > 0 {
		c.count(response.Content[0].Schema, a.json)
	}
	if !a.ok() {
		return
	}
	if q.op.Body != nil && q.body != nil {
		c.count(q.op.Body.Content[0].Schema, parsed(q.body))
	}
	d.world.gone(a.request, a.status)
	switch {
	case id == "create_interconnect" && a.text("name") != "":
		d.world.ordered = append(d.world.ordered, a.text("name"))
	case id == "create_cni" && a.text("id") != "":
		d.world.configured = append(d.world.configured, a.text("id"))
	}
}

// want records that a rule was checked, and a finding if a response breaks it. It reports whether the rule is kept. Of
// a response that did not come nothing more is said, and of a server that failed nothing but that.
func (d *driver) want(a *answer, rule Rule, kept bool, expected string, args ...any) bool {
	failed := a.status >= 500 && a.status != a.request.provoked && a.request.provoked != anyStatus
	if a.status == 0 || failed && rule != RuleServerError {
		return false
	}
	d.report.check(a.request.op.ID, rule)
	if !kept {
		d.find(a, rule, fmt.Sprintf(expected, args...), a.seen())
	}
	return kept
}

func (d *driver) find(a *answer, rule Rule, expected, seen string) {
	f := Finding{
		Operation: a.request.op.ID, Rule: rule, Expected: expected,
		Seen: seen, Curl: a.request.curl(d.opts.BaseURL),
	}
	if d.held != nil {
		*d.held = append(*d.held, f)
		return
	}
	d.take(f)
}

// take puts a finding into the report.
func (d *driver) take(f Finding) {
	if first := d.report.find(f); first != nil && d.opts.OnFinding != nil {
		d.opts.OnFinding(*first)
	}
}

// skip records that something cannot be checked. A run that has ended has other reasons.
func (d *driver) skip(format string, args ...any) {
	if d.err == nil && d.ctx.Err() == nil {
		d.report.Skipped = append(d.report.Skipped, fmt.Sprintf(format, args...))
	}
}

// accepted sends a valid request and wants a success.
func (d *driver) accepted(q request, what string) *answer {
	a := d.call(q)
	d.want(a, RuleAccepted, a.ok(), "a success, as the request is valid (%s)", what)
	return a
}
