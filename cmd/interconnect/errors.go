package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/cmd/interconnect/internal/reconcile"
	"github.com/interconnect-go/interconnect/contract"
	"github.com/interconnect-go/interconnect/generated/interconnect"
)

// The exit codes; the help topic exit-codes says more.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitUnknown     = 4
	exitNotHealthy  = 5
	exitInterrupted = 130
)

// usageError says that a command was used in a wrong way.
type usageError struct {
	err  error
	hint string // what to do; "" for the help of the command
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{err: fmt.Errorf(format, args...)} }

// A failure is an error as its reader sees it.
type failure struct {
	code     int
	sentence string
	details  []string // one line each
	hint     string   // what to do; may be empty
}

// report writes an error to standard error and returns the exit code. With -o json it is one line of JSON.
func (p *program) report(cmd *cobra.Command, err error) int {
	f := p.explain(cmd, err)
	if p.flags.output == "json" && !p.rawStrings {
		if text, encoding := json.Marshal(map[string]any{"error": newErrorReport(f, err)}); encoding == nil {
			fmt.Fprintln(p.stderr, escapeControls(string(text)))
			return f.code
		}
	}
	fmt.Fprintln(p.stderr, "interconnect: "+printable(f.sentence))
	for _, detail := range f.details {
		fmt.Fprintln(p.stderr, "  "+printable(detail))
	}
	if f.hint != "" {
		fmt.Fprintln(p.stderr, "hint: "+printable(f.hint))
	}
	return f.code
}

// An errorReport is an error as a program sees it; the help topic output says more.
type errorReport struct {
	ExitCode int      `json:"exit_code"`
	Message  string   `json:"message"`
	Details  []string `json:"details,omitempty"`
	Hint     string   `json:"hint,omitempty"`

	// What the service says, if it refused or failed.
	Status     int            `json:"status,omitempty"`
	Ray        string         `json:"ray,omitempty"`
	RetryAfter int64          `json:"retry_after_seconds,omitempty"`
	Errors     []serviceError `json:"errors,omitempty"`
}

type serviceError struct {
	Code             int64  `json:"code,omitempty"`
	Message          string `json:"message"`
	Pointer          string `json:"pointer,omitempty"`
	DocumentationURL string `json:"documentation_url,omitempty"`
}

func newErrorReport(f failure, err error) errorReport {
	r := errorReport{ExitCode: f.code, Message: f.sentence, Details: f.details, Hint: f.hint}
	var api *client.APIError
	if errors.As(err, &api) {
		r.Status, r.Ray, r.RetryAfter = api.StatusCode, api.Ray, int64(api.RetryAfter/time.Second)
		for _, d := range api.Details {
			r.Errors = append(r.Errors, serviceError{d.Code, d.Message, d.Pointer, d.DocumentationURL})
		}
	}
	return r
}

// explain finds out what an error is. The order matters: an error may be several of these, and the first one counts.
func (p *program) explain(cmd *cobra.Command, err error) failure {
	var (
		usage    *usageError
		unknown  *client.UnknownOutcomeError
		wait     *client.WaitError
		gone     *goneError
		inTheWay *inTheWayError
		refused  *sandboxError
		applied  *reconcile.ApplyError
		problems reconcile.Problems
		halfDone *reconcile.HalfDoneError
		request  *contract.RequestError
		api      *client.APIError
		response *contract.ResponseError
		strange  strangeItems
		invalid  *contract.ValidationError
		order    *reconcile.OrderError
	)
	errors.As(err, &order)
	switch {
	case errors.As(err, &applied):
		return p.explainApply(cmd, applied)
	case errors.As(err, &problems):
		return explainProblems(problems)
	case errors.As(err, &halfDone):
		return failure{exitUnknown, halfDone.Error(), nil, ""}
	case errors.As(err, &usage):
		hint := usage.hint
		if hint == "" && cmd != nil {
			hint = fmt.Sprintf("see %q", cmd.CommandPath()+" --help")
		}
		return failure{exitUsage, usage.Error(), nil, hint}
	case errors.As(err, &unknown):
		return p.explainUnknown(unknown, order)
	case errors.As(err, &wait):
		return p.explainWait(wait)
	case errors.As(err, &gone):
		return p.explainGone(gone)
	case errors.As(err, &inTheWay):
		return p.explainInTheWay(inTheWay)
	case errors.As(err, &refused):
		return explainSandbox(refused)
	case errors.As(err, &request):
		return failure{exitUsage, "the request is invalid and was not sent", violations(request.Err), ""}
	case errors.As(err, &strange):
		return explainItems(strange)
	case errors.As(err, &api):
		return p.explainAPI(api)
	case errors.As(err, &response):
		return p.explainResponse(response, order)
	case errors.As(err, &invalid):
		sentence := strings.TrimSuffix(strings.TrimSuffix(err.Error(), invalid.Error()), ": ")
		return failure{exitFailed, cmp.Or(sentence, "what was given is not valid"), violations(invalid), ""}
	case errors.Is(err, context.Canceled):
		return failure{exitInterrupted, "interrupted", nil, ""}
	}
	if reason, ok := p.silence(err); ok {
		return p.explainSilence(reason)
	}
	return failure{exitFailed, err.Error(), nil, ""}
}

// silence reports why no response came, if that is what an error of a call is about.
func (p *program) silence(err error) (reason string, ok bool) {
	if p.calls.attempts() == 0 { // another part of the network failed, such as listening
		return "", false
	}
	var (
		host        *net.DNSError
		errno       syscall.Errno
		certificate *tls.CertificateVerificationError
		network     net.Error
	)
	switch {
	case errors.As(err, &host) && host.IsNotFound:
		return "there is no host " + host.Name, true
	case errors.As(err, &network) && network.Timeout():
		if p.flags.timeout > 0 {
			return fmt.Sprintf("no response within %s", p.flags.timeout), true
		}
		return "no response in time", true
	case errors.As(err, &network) && errors.As(err, &errno):
		return errno.Error(), true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed without a response", true
	case errors.As(err, &certificate):
		return "its certificate is refused: " + certificate.Err.Error(), true
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks http, not https", true
	case errors.As(err, &network):
		return network.Error(), true
	}
	return "", false
}

// explainSilence is about a call to which no response came, and which changed nothing.
func (p *program) explainSilence(reason string) failure {
	tried := "once"
	if n := p.calls.attempts(); n > 1 {
		tried = fmt.Sprintf("%d times", n)
	}
	f := failure{code: exitFailed}
	f.sentence = fmt.Sprintf("%s does not answer: %s (tried %s)", p.baseURL(), reason, tried)
	switch {
	case p.flags.baseURL != "":
		f.hint = "check --base-url, which goes before " + baseURLVariable
	case os.Getenv(baseURLVariable) != "":
		f.hint = "check " + baseURLVariable + ", which names this service"
	default:
		f.hint = "check the network; " + baseURLVariable + " names another service, such as a sandbox"
	}
	if strings.HasPrefix(reason, "no response") {
		f.hint += "; --timeout gives each attempt longer"
	}
	if !p.flags.verbose {
		f.hint += "; -v shows each attempt"
	}
	return f
}

func (p *program) explainAPI(err *client.APIError) failure {
	verb := "refused"
	if err.StatusCode >= 500 {
		verb = "failed at"
	}
	f := failure{code: exitFailed}
	f.sentence = fmt.Sprintf("the service %s %s %s: %d %s", verb, err.Method, err.Path, err.StatusCode, http.StatusText(err.StatusCode))
	if err.Ray != "" {
		f.sentence += fmt.Sprintf(" (cf-ray %s)", err.Ray)
	}
	for _, detail := range err.Details {
		text := detail.String()
		if detail.DocumentationURL != "" {
			text += ", see " + detail.DocumentationURL
		}
		f.details = append(f.details, text)
	}
	switch {
	case err.StatusCode == http.StatusUnauthorized:
		f.hint = "check the credentials: CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY"
	case err.StatusCode == http.StatusForbidden:
		f.hint = "the account may lack the Enterprise entitlement to Network Interconnects, or the token the permission Magic WAN or " +
			"Magic Transit, Read or Write"
	case err.StatusCode == http.StatusNotFound:
		f.code = exitNotFound
		f.hint = `"list" shows what there is; check the account and the base URL too`
		if isCollection(err.Path) {
			f.hint = fmt.Sprintf("the base URL may be wrong, which is %s, or the account; see %q", p.baseURL(), "interconnect help environment")
		}
	case err.RetryAfter > 0:
		f.hint = fmt.Sprintf("try again in %s", err.RetryAfter)
	case err.StatusCode == http.StatusTooManyRequests || err.StatusCode >= 500:
		f.hint = "try again later"
	}
	return f
}

// isCollection reports whether a path is that of all objects of a kind, or of the settings. The service always has
// them.
func isCollection(urlPath string) bool {
	_, kind, ok := strings.Cut(urlPath, "/cni/")
	return !ok || !strings.Contains(kind, "/")
}

// explainUnknown is about a request that may or may not have had its effect.
func (p *program) explainUnknown(err *client.UnknownOutcomeError, order *reconcile.OrderError) failure {
	f := failure{code: exitUnknown}
	f.sentence = "the request was sent, but no response says whether it had its effect; look before you repeat it"
	if err.Operation == "create_interconnect" {
		f.sentence = "the order was sent, but no response says what became of it: it may have gone through, and may be binding; look " +
			"before you order again"
	}
	f.details = append([]string{"cause: " + err.Err.Error()}, p.lookUp(err.Operation, err.Path, order)...)
	return f
}

// explainResponse is about a response that the document does not describe.
func (p *program) explainResponse(err *contract.ResponseError, order *reconcile.OrderError) failure {
	f := failure{code: exitFailed, details: violations(err.Err)}
	const sentence = "the service answered %s in a way that this program does not understand, status %d"
	f.sentence = fmt.Sprintf(sentence, err.Operation, err.Status)
	if !changes(err.Operation) {
		return f
	}
	f.code = exitUnknown
	switch {
	case err.Status >= 300:
		f.sentence += "; what was asked for has most likely not been done, but look before you repeat it"
	case isForeign(err):
		f.sentence += "; perhaps it comes from a proxy, so look whether what was asked for has been done before you repeat it"
	default:
		f.sentence += "; what was asked for has most likely been done, so look before you repeat it"
	}
	if len(err.Body) > 0 {
		f.details = append(f.details, "response: "+string(err.Body[:min(len(err.Body), 2000)]))
	}
	f.details = append(f.details, p.lookUp(err.Operation, "", order)...)
	return f
}

// isForeign reports whether a response is not a JSON object, or has none of the members that the document has.
func isForeign(err *contract.ResponseError) bool {
	var invalid *contract.ValidationError
	return !bytes.HasPrefix(bytes.TrimSpace(err.Body), []byte("{")) || errors.As(err.Err, &invalid) &&
		slices.ContainsFunc(invalid.Violations, func(v contract.Violation) bool { return v.Pointer == "" && v.Rule == "required" })
}

// explainItems is about a list that is not complete.
func explainItems(strange strangeItems) failure {
	f := failure{code: exitFailed, sentence: strange.Error()}
	for _, item := range strange {
		f.details = append(f.details, string(item.JSON[:min(len(item.JSON), 2000)]))
		for _, violation := range violations(item.Err) {
			f.details = append(f.details, "  "+violation)
		}
	}
	return f
}

// warn reports a response that deviates from the document and was understood nonetheless: one line for each response,
// all with
// --verbose. Values are left out, as they may be secret.
func (p *program) warn(c *contract.Deviation) {
	p.deviations.add(c.Operation, c.Body)
	for i, v := range c.Violations {
		v.Got = ""
		text := fmt.Sprintf("the response to %s deviates from the document: %s", c.Operation, v)
		if rest := len(c.Violations) - 1; i == 0 && rest > 0 && !p.flags.verbose {
			text += fmt.Sprintf(" (and %d more, see --verbose)", rest)
		}
		fmt.Fprintln(p.stderr, "warning: "+printable(text))
		if !p.flags.verbose {
			return
		}
	}
}

// deviations are the responses that deviate from the document, the last one of each operation. The zero value has none.
type deviations struct {
	mu     sync.Mutex // calls may be concurrent
	bodies map[string][]byte
}

func (d *deviations) add(operation string, body []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bodies == nil {
		d.bodies = map[string][]byte{}
	}
	d.bodies[operation] = body
}

// body returns the last response of an operation that deviates from the document; nil if there is none.
func (d *deviations) body(operation string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bodies[operation]
}

// changes says whether an operation changes something.
func changes(operationID string) bool {
	for _, op := range interconnect.Operations() {
		if op.ID == operationID {
			return op.Method != http.MethodGet
		}
	}
	return false
}

// lookUp says how to find out what became of a request.
func (p *program) lookUp(operation, urlPath string, order *reconcile.OrderError) []string {
	object, err := url.PathUnescape(path.Base(urlPath))
	if err != nil || urlPath == "" {
		object = "NAME"
	}
	switch operation {
	case "create_interconnect":
		return p.lookUpOrder(order)
	case "delete_interconnect":
		return []string{"look: " + p.again("interconnects", "get", object), "it was deleted if it is not found, exit code 3"}
	case "create_cni":
		return []string{"look: " + p.again("cnis", "list"), "it was created if one has the conduit name"}
	case "update_cni":
		return []string{"look: " + p.again("cnis", "get", object), "it was updated if it has the new values"}
	case "delete_cni":
		return []string{"look: " + p.again("cnis", "get", object), "it was deleted if it is not found, exit code 3"}
	}
	return []string{"look: " + p.again("settings", "get")}
}

// lookUpOrder leaves the pairing key out. The order is nil if it is not known.
func (p *program) lookUpOrder(tried *reconcile.OrderError) []string {
	if tried == nil {
		return []string{"look: " + p.again("interconnects", "list")}
	}
	switch order := tried.Order.Value().(type) {
	case interconnect.PhysicalInterconnectCreate:
		return []string{
			"look: " + p.again("interconnects", "list", "--type", string(interconnect.InterconnectTypeDirect)),
			"it went through if one has the slot " + order.SlotID.String() + "; an order that is still under way may appear later",
		}
	case interconnect.GCPPartnerInterconnectCreate:
		return []string{
			"look: " + p.again("interconnects", "list", "--type", string(interconnect.InterconnectTypeGCPPartner)),
			"it went through if there is one that was not there before; an order that is still under way may appear later",
		}
	}
	return []string{"look: " + p.again("interconnects", "list")}
}

// explainWait is about an interconnect that did not get healthy.
func (p *program) explainWait(err *client.WaitError) failure {
	state := &client.WaitError{Name: err.Name, State: err.State, Reason: err.Reason}
	f := failure{code: exitNotHealthy, sentence: state.Error()}
	f.hint = "the interconnect stays ordered; to go on waiting: " + p.again("interconnects", "status", err.Name, "--wait")
	switch {
	case err.Err == nil && err.State == client.StateDown:
		f.hint = "the interconnect stays ordered; a wait ends at once while it is Down, so to see when that changes: " +
			p.again("interconnects", "status", err.Name, "--watch")
	case errors.Is(err.Err, context.Canceled):
		f.code = exitInterrupted
		f.sentence += ": interrupted"
	case errors.Is(err.Err, context.DeadlineExceeded):
		f.sentence += ": the time to wait is over"
	case err.Err != nil:
		cause := p.explain(nil, err.Err)
		if cause.code == exitNotFound || cause.code == exitUsage {
			return cause
		}
		f.sentence += ": its state cannot be found out"
		f.details = append([]string{cause.sentence}, cause.details...)
	}
	return f
}
