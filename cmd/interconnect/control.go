// What the API cannot do, a sandbox can: move its clock, set the state of a link, fail the next call. The commands
// below "interconnect sandbox" ask a running sandbox for that by its control API, for whoever would otherwise write
// curl commands.

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/interconnect-go/interconnect/client"
	"github.com/interconnect-go/interconnect/generated/control"
	"github.com/interconnect-go/interconnect/generated/interconnect"
	"github.com/interconnect-go/interconnect/sandbox"
)

func (p *program) sandbox() *cobra.Command {
	return group(&cobra.Command{
		Use:   "sandbox",
		Short: "Drive a running sandbox: its clock, links, failures and snapshots",
		Long: `Drive a sandbox that "interconnect serve" runs, by its control API: move the
clock on, set the state of a link, make calls fail, start over, keep a state
and bring it back.

The sandbox is the one whose URL is in CLOUDFLARE_BASE_URL or --base-url. It
takes no credentials for this. Nothing is done at a server that is not a
sandbox.`,
		Example: `  interconnect sandbox show
  interconnect sandbox advance 1h
  interconnect sandbox fail create_interconnect --drop --after-work`,
	},
		p.sandboxShow(), p.sandboxAdvance(), p.sandboxSetState(), p.sandboxClearState(),
		p.sandboxFail(), p.sandboxFaults(), p.sandboxClearFaults(), p.sandboxReset(), p.sandboxSnapshot(),
	)
}

// A controller calls the control API of a sandbox.
type controller struct {
	*control.Client
	url string // of the sandbox, without a slash at its end
}

// controller finds the sandbox and makes sure that it is one, before anything else is asked of it.
func (p *program) controller(ctx context.Context) (*controller, error) {
	given := cmp.Or(p.flags.baseURL, os.Getenv(baseURLVariable))
	if given == "" {
		return nil, usagef("no sandbox: set %s or give --base-url, as \"interconnect serve\" says when it begins",
			baseURLVariable)
	}
	at, err := url.Parse(given)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" || at.User != nil || at.RawQuery != "" ||
		at.Fragment != "" {
		return nil, usagef("the base URL is not one of a sandbox, such as http://127.0.0.1:8080%s", interconnect.BasePath)
	}
	if cloudflare, _ := url.Parse(client.DefaultBaseURL); at.Hostname() == cloudflare.Hostname() {
		return nil, usagef("%s is Cloudflare's API, not a sandbox; set %s or give --base-url", given, baseURLVariable)
	}
	root := strings.TrimSuffix(strings.TrimRight(at.String(), "/"), interconnect.BasePath)
	c, err := control.NewClient(root+sandbox.ControlPath, control.WithHTTPClient(&http.Client{Timeout: p.flags.timeout}))
	if err != nil {
		return nil, err
	}
	found := &controller{c, root}
	if _, err := found.clock(ctx); err != nil {
		var connection *url.Error
		if errors.As(err, &connection) {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, fmt.Errorf("no sandbox answers at %s: %w; \"interconnect serve\" starts one", root, connection.Err)
		}
		return nil, usagef(
			"%s is not a sandbox whose clock can be read: %w; give the base URL that \"interconnect serve\" says",
			root,
			err,
		)
	}
	return found, nil
}

func (c *controller) clock(ctx context.Context) (control.Clock, error) {
	return controlled[control.Clock](c.GetClock(ctx))
}

// interconnect returns the one with a name, of the account of the command line if several have one of that name.
func (c *controller) interconnect(
	ctx context.Context,
	p *program,
	name string,
) (found control.Interconnect, err error) {
	list, err := controlled[control.InterconnectList](c.ListInterconnects(ctx, nil))
	if err != nil {
		return found, err
	}
	account := cmp.Or(p.flags.account, os.Getenv(accountVariable))
	var named []control.Interconnect
	for _, ic := range list.Items {
		if ic.Name == name && (p.flags.account == "" || ic.Account == p.flags.account) {
			named = append(named, ic)
		}
	}
	if i := slices.IndexFunc(named, func(ic control.Interconnect) bool { return ic.Account == account }); i >= 0 {
		return named[i], nil
	}
	switch len(named) {
	case 0:
		return found, &sandboxError{status: http.StatusNotFound, sentence: "the sandbox has no interconnect " + name}
	case 1:
		return named[0], nil
	}
	return found, usagef("%d accounts have an interconnect %s; name one with --account", len(named), name)
}

// controlled reads what the control API answers: JSON, or nothing if T is struct{}.
func controlled[T any](resp *http.Response, err error) (v T, _ error) {
	if err != nil {
		return v, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxSnapshot))
	if err != nil {
		return v, err
	}
	if resp.StatusCode >= 300 {
		return v, newSandboxError(resp, body)
	}
	if _, empty := any(v).(struct{}); empty {
		return v, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		return v, fmt.Errorf("its response is not that of a sandbox: %w", err)
	}
	return v, nil
}

// maxSnapshot is the longest response that is read, in bytes.
const maxSnapshot = 1 << 30

// A sandboxError is a refusal by the control API.
type sandboxError struct {
	status   int
	sentence string
	details  []string
}

func (e *sandboxError) Error() string { return e.sentence }

func newSandboxError(resp *http.Response, body []byte) *sandboxError {
	e := &sandboxError{status: resp.StatusCode}
	e.sentence = fmt.Sprintf("%s %s gives %s", resp.Request.Method, resp.Request.URL.Path, resp.Status)
	var problem control.Problem
	if json.Unmarshal(body, &problem) != nil || problem.Detail == "" {
		return e
	}
	e.sentence = "the sandbox refused: " + problem.Detail
	for _, wrong := range problem.Errors {
		e.details = append(e.details, wrong.Detail)
	}
	return e
}

func explainSandbox(err *sandboxError) failure {
	f := failure{code: exitFailed, sentence: err.sentence, details: err.details}
	if err.status == http.StatusNotFound {
		f.code, f.hint = exitNotFound, `"interconnect sandbox show" shows what there is`
	}
	return f
}

// ---- What there is ----

func controlledLayout() layout[control.Interconnect] {
	columns := []string{"NAME", "TYPE", "STATE", "SET", "CREATED", "ACCOUNT", "SLOT", "REASON"}
	return layout[control.Interconnect]{
		columns: columns,
		listed:  columns[:6],
		name:    func(ic control.Interconnect) string { return ic.Name },
		row: func(ic control.Interconnect) []string {
			state, reason := stateOf(ic.Status)
			set, slot := "no", ""
			if ic.StatusSet {
				set = "yes"
			}
			if ic.Slot != nil {
				slot = ic.Slot.String()
			}
			return []string{
				ic.Name,
				string(ic.Type),
				state,
				set,
				ic.Created.UTC().Format(time.RFC3339),
				ic.Account,
				slot,
				reason,
			}
		},
	}
}

func stateOf(s control.Status) (state, reason string) {
	switch v := s.Value().(type) {
	case control.StatusPending:
		return string(v.State), ""
	case control.StatusHealthy:
		return string(v.State), ""
	case control.StatusUnhealthy:
		return string(v.State), deref(v.Reason)
	case control.StatusDown:
		return string(v.State), deref(v.Reason)
	}
	return "", ""
}

func clockLayout() layout[control.Clock] {
	return layout[control.Clock]{
		columns: []string{"NOW", "ADVANCED"},
		row:     func(c control.Clock) []string { return []string{c.Now.UTC().Format(time.RFC3339), c.Advanced} },
	}
}

func faultLayout() layout[control.Fault] {
	columns := []string{"OPERATION", "TIMES", "WHEN", "WHAT"}
	return layout[control.Fault]{
		columns: columns,
		listed:  columns,
		members: func(f control.Fault) any { return f },
		row: func(f control.Fault) []string {
			var fault struct {
				Operation  string
				Kind       string
				Times      int
				AfterWork  bool `json:"after_work"`
				Status     int
				Delay      string
				RetryAfter string `json:"retry_after"`
				Headers    http.Header
				Malformed  bool
			}
			text, err := json.Marshal(f)
			if err == nil {
				err = json.Unmarshal(text, &fault)
			}
			if err != nil {
				return []string{"", "", "", err.Error()}
			}
			times, when := strconv.Itoa(cmp.Or(fault.Times, 1)), "before the work"
			if fault.Times < 0 {
				times = "all"
			}
			if fault.AfterWork {
				when = "after the work"
			}
			var what []string
			add := func(given bool, format string, args ...any) {
				if given {
					what = append(what, fmt.Sprintf(format, args...))
				}
			}
			add(fault.Delay != "", "wait %s", fault.Delay)
			add(fault.Kind == string(control.DropFaultKindDrop), "drop the connection")
			add(fault.Status != 0, "answer %d", fault.Status)
			add(fault.RetryAfter != "", "Retry-After %s", fault.RetryAfter)
			names := slices.Sorted(maps.Keys(fault.Headers))
			add(len(names) > 0, "send %s", strings.Join(names, " and "))
			add(fault.Malformed, "cut the body")
			return []string{fault.Operation, times, when, strings.Join(what, ", ")}
		},
	}
}

// sandboxState is what "sandbox show" shows.
type sandboxState struct {
	URL           string                 `json:"url"`
	Clock         control.Clock          `json:"clock"`
	Accounts      []control.Account      `json:"accounts"`
	Interconnects []control.Interconnect `json:"interconnects"`
	Faults        []control.Fault        `json:"faults"`
}

func (p *program) sandboxShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Show the clock, the interconnects and the faults of the sandbox",
		Long: `Show the clock of the sandbox, the interconnects of all accounts with the state
of their links, and the faults that have still to hit. With --account only the
interconnects of that account are shown.

SET says that the state was set, so that the clock does not change it.`,
		Example: `  interconnect sandbox show
  interconnect sandbox show --account 4f8c1d2e9ab04c75b3e6d7018f2a9c35
  interconnect sandbox show -o json`,
		Args: cobra.NoArgs,
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, err := p.controller(ctx)
			if err != nil {
				return err
			}
			state, err := c.show(ctx, p.flags.account)
			if err != nil {
				return err
			}
			if p.flags.structured() {
				return p.encode(state)
			}
			var cnis int
			for _, account := range state.Accounts {
				cnis += account.CNIs
			}
			rows := [][]string{
				{"SANDBOX", state.URL},
				{"CLOCK", state.Clock.Now.UTC().Format(time.RFC3339) + ", " + state.Clock.Advanced + " ahead"},
				{"ACCOUNTS", strconv.Itoa(len(state.Accounts))},
				{"CNIS", strconv.Itoa(cnis)},
			}
			if err := writeTable(p.stdout, rows); err != nil {
				return err
			}
			if len(state.Interconnects) > 0 {
				fmt.Fprintln(p.stdout)
				if err := printItems(p, "", state.Interconnects, controlledLayout()); err != nil {
					return err
				}
			}
			if len(state.Faults) > 0 {
				fmt.Fprintln(p.stdout)
				return printItems(p, "", state.Faults, faultLayout())
			}
			return nil
		}),
	}
}

func (c *controller) show(ctx context.Context, account string) (*sandboxState, error) {
	clock, err := c.clock(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := controlled[control.AccountList](c.ListAccounts(ctx))
	if err != nil {
		return nil, err
	}
	params := &control.ListInterconnectsParams{}
	if account != "" {
		params.Account = &account
	}
	interconnects, err := controlled[control.InterconnectList](c.ListInterconnects(ctx, params))
	if err != nil {
		return nil, err
	}
	faults, err := controlled[control.FaultList](c.ListFaults(ctx))
	if err != nil {
		return nil, err
	}
	state := &sandboxState{c.url, clock, accounts.Items, interconnects.Items, faults.Items}
	if account != "" {
		state.Accounts = slices.DeleteFunc(state.Accounts, func(a control.Account) bool { return a.ID != account })
	}
	return state, nil
}

// ---- Clock and links ----

func (p *program) sandboxAdvance() *cobra.Command {
	return &cobra.Command{
		Use:   "advance DURATION",
		Short: "Move the clock on",
		Long: `Move the clock of the sandbox on, so that tests need not wait for a link
to be healthy, and show it. The duration is one such as 90s, 1h30m or 48h.`,
		Example: `  interconnect sandbox advance 10s
  interconnect sandbox advance 1h30m
  interconnect sandbox advance 504h -o json`,
		Args:              one("a duration such as 90s or 1h30m"),
		Annotations:       clockLayout().annotations(),
		ValidArgsFunction: cobra.FixedCompletions([]string{"10s", "1m", "1h", "24h"}, cobra.ShellCompDirectiveNoFileComp),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			if by, err := time.ParseDuration(args[0]); err != nil || by < 0 {
				return usagef("%q is not a duration, want one such as 90s, 1h30m or 48h", args[0])
			}
			c, err := p.controller(ctx)
			if err != nil {
				return err
			}
			clock, err := controlled[control.Clock](c.AdvanceClock(ctx, control.Advance{By: args[0]}))
			if err != nil {
				return err
			}
			return printValue(p, clock, nil, false, clockLayout())
		}),
	}
}

// states are those that a link can be set to.
var states = []client.State{client.StatePending, client.StateHealthy, client.StateUnhealthy, client.StateDown}

func (p *program) sandboxSetState() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "set-state NAME STATE",
		Short: "Set the state of a link",
		Long: `Set the state of an interconnect's link: Pending, Healthy, Unhealthy or Down.
From then on the clock does not change it, see "interconnect sandbox
clear-state". The interconnect may be one of any account.`,
		Example: `  interconnect sandbox set-state direct-iad-a-7d41f0c2 Healthy
  interconnect sandbox set-state direct-iad-a-7d41f0c2 Unhealthy --reason "No light received"
  interconnect sandbox set-state direct-iad-a-7d41f0c2 down --account 4f8c1d2e9ab04c75b3e6d7018f2a9c35`,
		Args:        cobra.ExactArgs(2),
		Annotations: controlledLayout().annotations(),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return stateNames(), cobra.ShellCompDirectiveNoFileComp
			}
			return p.completeControlled(cmd, args)
		},
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		i := slices.IndexFunc(states, func(s client.State) bool { return strings.EqualFold(string(s), args[1]) })
		if i < 0 {
			return usagef("%q is not a state, want one of %s", args[1], strings.Join(stateNames(), ", "))
		}
		members := map[string]string{"state": string(states[i])}
		if cmd.Flags().Changed("reason") {
			if states[i] == client.StatePending || states[i] == client.StateHealthy {
				return usagef("--reason goes with Unhealthy and Down only")
			}
			members["reason"] = reason
		}
		text, err := json.Marshal(members)
		if err != nil {
			return err
		}
		return p.withLink(ctx, args[0], func(c *controller, ic control.Interconnect) (*http.Response, error) {
			return c.SetStatusWithBody(ctx, ic.Account, ic.Name, "application/json", bytes.NewReader(text))
		})
	})
	cmd.Flags().StringVar(&reason, "reason", "", "why, as the API will say; for Unhealthy and Down")
	return cmd
}

func stateNames() []string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return names
}

func (p *program) sandboxClearState() *cobra.Command {
	return &cobra.Command{
		Use:   "clear-state NAME",
		Short: "Hand the state of a link back to the clock",
		Long: `Take back what "interconnect sandbox set-state" has set: the link is Pending or
Healthy again, depending on the age of the interconnect.`,
		Example: `  interconnect sandbox clear-state direct-iad-a-7d41f0c2
  interconnect sandbox clear-state direct-iad-a-7d41f0c2 -o json
  interconnect sandbox clear-state direct-iad-a-7d41f0c2 --account 4f8c1d2e9ab04c75b3e6d7018f2a9c35`,
		Args:        one("the name of an interconnect"),
		Annotations: controlledLayout().annotations(),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return p.completeControlled(cmd, args)
		},
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			return p.withLink(ctx, args[0], func(c *controller, ic control.Interconnect) (*http.Response, error) {
				return c.ClearStatus(ctx, ic.Account, ic.Name)
			})
		}),
	}
}

// withLink does something with a link and shows what becomes of it.
func (p *program) withLink(
	ctx context.Context,
	name string,
	do func(*controller, control.Interconnect) (*http.Response, error),
) error {
	c, err := p.controller(ctx)
	if err != nil {
		return err
	}
	ic, err := c.interconnect(ctx, p, name)
	if err != nil {
		return err
	}
	ic, err = controlled[control.Interconnect](do(c, ic))
	if err != nil {
		return err
	}
	return printValue(p, ic, nil, false, controlledLayout())
}

// completeControlled completes the name of an interconnect, if the sandbox answers soon.
func (p *program) completeControlled(cmd *cobra.Command, args []string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), 2*time.Second)
	defer cancel()
	c, err := p.controller(ctx)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	list, _ := controlled[control.InterconnectList](c.ListInterconnects(ctx, nil))
	var names []string
	for _, ic := range list.Items {
		state, _ := stateOf(ic.Status)
		names = append(names, ic.Name+"\t"+state)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// ---- Faults ----

func (p *program) sandboxFail() *cobra.Command {
	var (
		status, times              int
		message, delay, retryAfter string
		drop, afterWork, malformed bool
		headers                    []string
	)
	cmd := &cobra.Command{
		Use:   "fail OPERATION",
		Short: "Make the next calls of an operation fail",
		Long: `Make the next calls of an operation fail, and show how. The operation is that of
the document, such as create_interconnect, or * for all. The flags say how, and
at least one of --status, --drop, --delay, --retry-after, --header and
--malformed is needed.

Several faults for one operation are used one after the other. A fault hits
only requests with accepted credentials, and none of the control API.`,
		Example: `  interconnect sandbox fail create_interconnect --drop --after-work
  interconnect sandbox fail '*' --status 503 --retry-after 2s --times 3
  interconnect sandbox fail list_slots --delay 5s --times -1`,
		Args:        one("the operation, such as create_interconnect"),
		Annotations: faultLayout().annotations(),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return operationNames(), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.RunE = p.do(func(ctx context.Context, cmd *cobra.Command, args []string) error {
		for _, name := range []string{"status", "malformed", "retry-after", "header"} {
			if err := exclusive(cmd, "drop", name); err != nil {
				return err
			}
		}
		set := cmd.Flags().Changed
		members := map[string]any{"operation": args[0]}
		for name, value := range map[string]any{
			"status": status, "times": times, "message": message, "delay": delay, "retry_after": retryAfter,
			"after_work": afterWork, "malformed": malformed,
		} {
			if set(strings.ReplaceAll(name, "_", "-")) {
				members[name] = value
			}
		}
		if set("header") {
			parsed, err := parseHeaders(headers)
			if err != nil {
				return err
			}
			members["headers"] = parsed
		}
		switch {
		case drop:
			members["kind"] = control.DropFaultKindDrop
		case set("status"):
			members["kind"] = control.FailureFaultKindFailure
		case set("message"):
			return usagef("--message goes with --status only")
		case malformed || set("retry-after") || set("header"):
			members["kind"] = control.AlterFaultKindAlter
		case set("delay"):
			members["kind"] = control.DelayFaultKindDelay
		default:
			return usagef("the fault does nothing: give --status, --drop, --delay, --retry-after, --header or --malformed")
		}
		text, err := json.Marshal(members)
		if err != nil {
			return err
		}
		if err = control.Schemas()["Fault"].Check(text, 0); err != nil {
			return usagef("the fault is not valid: %s", strings.Join(violations(err), "; "))
		}
		c, err := p.controller(ctx)
		if err != nil {
			return err
		}
		fault, err := controlled[control.Fault](c.AddFaultWithBody(ctx, "application/json", bytes.NewReader(text)))
		if err != nil {
			return err
		}
		return printValue(p, fault, nil, false, faultLayout())
	})
	flags := cmd.Flags()
	flags.IntVar(&status, "status", 0, "answer with a failure of this status, 300 to 599")
	flags.StringVar(&message, "message", "", "message of that failure (default the text of the status)")
	flags.BoolVar(&drop, "drop", false, "close the connection without a response")
	flags.StringVar(&delay, "delay", "", "wait before, such as 300ms; on its own, the response is then the right one")
	flags.StringVar(&retryAfter, "retry-after", "", "send the header Retry-After, such as 2s")
	flags.StringArrayVar(&headers, "header", nil, "send this `NAME=VALUE` as a header; may be repeated")
	flags.BoolVar(&malformed, "malformed", false, "cut the body of the response in the middle")
	flags.BoolVar(&afterWork, "after-work", false, "do what was asked for first")
	flags.IntVar(&times, "times", 1, "how many calls to hit; -1 for all until clear-faults")
	return cmd
}

// operationNames are what a fault can be for.
func operationNames() []string {
	names := []string{sandbox.AnyOperation + "\tall operations"}
	for _, op := range interconnect.Operations() {
		names = append(names, op.ID+"\t"+op.Method+" "+op.Path)
	}
	return names
}

func parseHeaders(headers []string) (http.Header, error) {
	parsed := http.Header{}
	for _, header := range headers {
		name, value, ok := strings.Cut(header, "=")
		if !ok || name == "" {
			return nil, usagef("--header %s: want NAME=VALUE", header)
		}
		parsed.Add(name, value)
	}
	return parsed, nil
}

func (p *program) sandboxFaults() *cobra.Command {
	return &cobra.Command{
		Use:   "faults",
		Short: "List the faults that have still to hit",
		Long:  "List the faults that have still to hit, in the order in which they are used.",
		Example: `  interconnect sandbox faults
  interconnect sandbox faults -o json
  interconnect sandbox faults --columns operation,what`,
		Args:        cobra.NoArgs,
		Annotations: faultLayout().annotations(),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			c, err := p.controller(ctx)
			if err != nil {
				return err
			}
			list, err := controlled[control.FaultList](c.ListFaults(ctx))
			if err != nil {
				return err
			}
			return printItems(p, "faults", list.Items, faultLayout())
		}),
	}
}

func (p *program) sandboxClearFaults() *cobra.Command {
	return &cobra.Command{
		Use:   "clear-faults",
		Short: "Take all faults back",
		Long:  "Take back all faults that have not hit yet.",
		Example: `  interconnect sandbox clear-faults
  interconnect sandbox clear-faults --base-url http://127.0.0.1:8080/client/v4
  interconnect sandbox clear-faults && interconnect sandbox show`,
		Args: cobra.NoArgs,
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			return p.controlDone(ctx, "no fault is waiting any more",
				func(c *controller) (*http.Response, error) { return c.ClearFaults(ctx) })
		}),
	}
}

// ---- The state as a whole ----

func (p *program) sandboxReset() *cobra.Command {
	return &cobra.Command{
		Use:   "reset",
		Short: "Make the sandbox as it was when it was new",
		Long: `Make the sandbox as it was when it was new: nothing is ordered, all slots of the
catalogue are free, the clock is not advanced, no fault is waiting. It does not
ask: "interconnect sandbox snapshot save" keeps what is there.`,
		Example: `  interconnect sandbox reset
  interconnect sandbox reset --base-url http://127.0.0.1:8080/client/v4
  interconnect sandbox snapshot save before.json && interconnect sandbox reset`,
		Args: cobra.NoArgs,
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, _ []string) error {
			return p.controlDone(ctx, "the sandbox is as new",
				func(c *controller) (*http.Response, error) { return c.Reset(ctx) })
		}),
	}
}

// controlDone asks for what has no result, and says that it is done.
func (p *program) controlDone(ctx context.Context, done string, call func(*controller) (*http.Response, error)) error {
	c, err := p.controller(ctx)
	if err != nil {
		return err
	}
	if _, err := controlled[struct{}](call(c)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stderr, done)
	return err
}

func (p *program) sandboxSnapshot() *cobra.Command {
	return group(&cobra.Command{
		Use:   "snapshot",
		Short: "Keep the whole state of the sandbox, and bring it back",
		Long: `A snapshot is the whole state of a sandbox, of all accounts, as JSON. The
catalogue of slots and the faults are not part of it.`,
		Example: `  interconnect sandbox snapshot save before.json
  interconnect sandbox snapshot load before.json
  interconnect sandbox snapshot save - | jq .interconnects`,
	}, p.sandboxSnapshotSave(), p.sandboxSnapshotLoad())
}

func (p *program) sandboxSnapshotSave() *cobra.Command {
	return &cobra.Command{
		Use:   "save FILE",
		Short: "Write the state of the sandbox to a file",
		Long:  "Write the state of the sandbox to a file, which is replaced if it exists;\n- is standard output.",
		Example: `  interconnect sandbox snapshot save before.json
  interconnect sandbox snapshot save - | jq .interconnects
  interconnect sandbox snapshot save before.json --base-url http://127.0.0.1:8080/client/v4`,
		Args: one("a file, or - for standard output"),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			c, err := p.controller(ctx)
			if err != nil {
				return err
			}
			snapshot, err := controlled[json.RawMessage](c.GetSnapshot(ctx))
			if err != nil {
				return err
			}
			if args[0] == "-" {
				_, err := p.stdout.Write(append(snapshot, '\n'))
				return err
			}
			if err := writeFile(args[0], 0o600, func(w io.Writer) error {
				_, err := w.Write(append(snapshot, '\n'))
				return err
			}); err != nil {
				return err
			}
			fmt.Fprintf(p.stderr, "wrote %s\n", args[0])
			return nil
		}),
	}
}

func (p *program) sandboxSnapshotLoad() *cobra.Command {
	return &cobra.Command{
		Use:   "load FILE",
		Short: "Replace the state of the sandbox",
		Long: `Replace the state of the sandbox with one from a file that "interconnect sandbox
snapshot save" has written; - is standard input. All of it is replaced or, if
anything is wrong with the file, nothing.`,
		Example: `  interconnect sandbox snapshot load before.json
  interconnect sandbox snapshot load - < before.json
  interconnect sandbox snapshot load before.json --base-url http://127.0.0.1:8080/client/v4`,
		Args: one("a file, or - for standard input"),
		RunE: p.do(func(ctx context.Context, _ *cobra.Command, args []string) error {
			var text []byte
			var err error
			if args[0] == "-" {
				text, err = io.ReadAll(p.stdin)
			} else {
				text, err = os.ReadFile(args[0])
			}
			if err != nil {
				return usagef("%w", err)
			}
			return p.controlDone(ctx, "loaded "+args[0], func(c *controller) (*http.Response, error) {
				return c.RestoreSnapshotWithBody(ctx, "application/json", bytes.NewReader(text))
			})
		}),
	}
}
