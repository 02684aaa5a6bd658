package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/interconnect-go/interconnect/client"
)

// globalFlags are those of all commands that call the service.
type globalFlags struct {
	account string
	baseURL string
	output  string
	columns []string
	query   string
	timeout time.Duration
	verbose bool
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "interconnect",
		Short: "Order and configure Cloudflare Network Interconnects, or serve a sandbox of them",
		Long: `Interconnect orders and configures Cloudflare Network Interconnects: private
links between your network and Cloudflare. It also serves a sandbox, a fake of
the service, to develop against.

Results go to standard output and everything else to standard error. The
credentials come from the environment, see "interconnect help environment".
Ordering a port is binding, so an order is sent once and never repeated.`,
		Example: `  interconnect demo
  interconnect slots list --free --site iad-a
  interconnect links create --slot 1f6b8c0e-5d3a-4b7f-9e21-6c4d0a83f512 --wait
  interconnect links list --watch`,
		Version:       version(),
		Args:          knownCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(suggestFlag)
	root.SetVersionTemplate("interconnect {{.Version}}\n")
	flags := root.PersistentFlags()
	flags.StringVar(&p.flags.account, "account", "", "ID of the account (default $"+accountVariable+")")
	flags.StringVar(&p.flags.baseURL, "base-url", "", "URL of the API (default $"+baseURLVariable+", or else Cloudflare's)")
	choiceFlag(root, flags, &p.flags.output, "output", "o", formats, "format of the results, see \"interconnect help output\"")
	flags.StringSliceVar(&p.flags.columns, "columns", nil, "columns of a table or of CSV, such as name,state")
	flags.StringVar(&p.flags.query, "query", "", "what to print of the JSON, as an expression of jq such as '.[].name'")
	flags.DurationVar(&p.flags.timeout, "timeout", client.DefaultTimeout, "time limit of each attempt of a call; 0 for none")
	flags.BoolVarP(&p.flags.verbose, "verbose", "v", false, "log each attempt of a call to standard error")
	root.AddCommand(
		p.slots(), p.interconnects(), p.cnis(), p.settings(), p.export(), p.apply(),
		p.serve(), p.sandbox(), p.proxy(), p.conform(), p.demo(), p.version(),
		environmentTopic(), outputTopic(), exitCodesTopic(),
	)
	completeFlag(root, "columns", completeColumns)
	completeNoFiles(root)
	return root
}

// group is a command that only holds others.
func group(cmd *cobra.Command, commands ...*cobra.Command) *cobra.Command {
	cmd.AddCommand(commands...)
	cmd.Args = knownCommand
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, c.Name())
		}
		return fmt.Errorf("%q needs one of the commands %s", cmd.CommandPath(), strings.Join(names, ", "))
	}
	return cmd
}

// knownCommand refuses arguments of a command that only holds others.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, c := range cmd.Commands() {
		known = append(append(known, c.Name()), c.Aliases...)
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), didYouMean(args[0], known))
}

// didYouMean asks whether a word is meant that resembles the one that was given, or is empty. What resembles a word
// is for cobra to say, which knows commands only.
func didYouMean(word string, known []string) string {
	parent := &cobra.Command{}
	for _, name := range known {
		parent.AddCommand(&cobra.Command{Use: name, Run: func(*cobra.Command, []string) {}})
	}
	for distance := range 3 { // none is for words that it begins, or that differ in their case
		parent.SuggestionsMinimumDistance = distance
		if similar := parent.SuggestionsFor(word); len(similar) > 0 {
			return fmt.Sprintf(", did you mean %q?", similar[0])
		}
	}
	return ""
}

// suggestFlag adds to an unknown flag the one that may be meant.
func suggestFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return err
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			known = append(known, "--"+f.Name)
		}
	})
	return fmt.Errorf("%w%s", err, didYouMean("--"+unknown.GetSpecifiedName(), known))
}

// do runs f as a command. Whatever cobra finds wrong before it gets here is wrong usage.
func (p *program) do(f func(ctx context.Context, cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p.began = true
		if err := p.checkOutput(cmd); err != nil {
			return err
		}
		stop := p.startLine()
		defer stop()
		return f(cmd.Context(), cmd, args)
	}
}

// one is the argument of a command that takes exactly one.
func one(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("want one argument, %s, got %d", what, len(args))
		}
		return nil
	}
}

// withoutService makes a command one that calls no service: it refuses the flags of all commands but those named, and
// its help hides them.
func (p *program) withoutService(cmd *cobra.Command, but ...string) *cobra.Command {
	cmd.Args = cobra.NoArgs
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) (err error) {
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
			if f.Changed && !slices.Contains(but, f.Name) {
				err = fmt.Errorf("--%s means nothing to %q, which calls no service but its own", f.Name, cmd.CommandPath())
			}
		})
		return err
	}
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = !slices.Contains(but, f.Name) })
		cmd.Parent().HelpFunc()(cmd, args)
	})
	return cmd
}

// exclusive refuses more than one of some flags.
func exclusive(cmd *cobra.Command, names ...string) error {
	var given []string
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) > 1 {
		return usagef("%s exclude each other", strings.Join(given, " and "))
	}
	return nil
}

// choice is a flag with a few values, the first of which is the default.
type choice struct {
	value *string
	of    []string
}

func (c choice) String() string {
	if c.value == nil { // pflag asks the zero value too
		return ""
	}
	return *c.value
}
func (c choice) Type() string { return strings.Join(c.of, "|") }
func (c choice) Set(text string) error {
	if !slices.Contains(c.of, text) {
		return fmt.Errorf("want %s or %s", strings.Join(c.of[:len(c.of)-1], ", "), c.of[len(c.of)-1])
	}
	*c.value = text
	return nil
}

// choiceFlag defines a flag whose default is the first of its values.
func choiceFlag(cmd *cobra.Command, flags *pflag.FlagSet, value *string, name, short string, values []string, usage string) {
	*value = values[0]
	optionalChoiceFlag(cmd, flags, value, name, short, values, usage)
}

// optionalChoiceFlag defines a flag that is empty if it is not given.
func optionalChoiceFlag(cmd *cobra.Command, flags *pflag.FlagSet, value *string, name, short string, values []string, usage string) {
	flags.VarP(choice{value, values}, name, short, usage)
	completeFlag(cmd, name, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// client returns a client with the credentials of the environment.
func (p *program) client(opts ...client.Option) (*client.Client, error) {
	if os.Getenv("CLOUDFLARE_API_TOKEN") == "" && os.Getenv("CLOUDFLARE_EMAIL") == "" && os.Getenv("CLOUDFLARE_API_KEY") == "" {
		return nil, errNoCredentials
	}
	return p.newClient(opts...)
}

// What the environment is to say.
var (
	errNoCredentials = &usageError{
		errors.New("no credentials: set CLOUDFLARE_API_TOKEN, or CLOUDFLARE_EMAIL and CLOUDFLARE_API_KEY, in the environment"),
		seeEnvironment,
	}
	errNoAccount = &usageError{errors.New("no account: give --account or set " + accountVariable), seeEnvironment}
)

const seeEnvironment = `see "interconnect help environment"; without an account at Cloudflare, try "interconnect serve"`

// newClient returns a client for the account of the command line. Its errors are wrong usage: nothing has been sent.
func (p *program) newClient(opts ...client.Option) (*client.Client, error) {
	account, err := p.account()
	if err != nil {
		return nil, err
	}
	logger := slog.New(warnings{p})
	if p.flags.verbose {
		logger = slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := client.New(account, slices.Concat([]client.Option{
		client.WithBaseURL(p.flags.baseURL),
		client.WithTimeout(p.flags.timeout),
		client.WithUserAgent("interconnect/" + version() + " (+https://github.com/interconnect-go/interconnect)"),
		client.WithLogger(logger),
		client.WithHTTPClient(&http.Client{Transport: p.calls.transport(http.DefaultTransport)}),
		client.WithOnRetry(func(r client.Retry) {
			p.calls.retry(r)
			logger.Debug("trying again", "method", r.Method, "path", r.Path, "attempt", r.Attempt, "wait", r.Wait, "because", r.Because)
		}),
		client.WithOnDeviation(p.warn),
	}, p.options, opts)...)
	if err != nil {
		return nil, &usageError{err: errors.New(strings.TrimPrefix(err.Error(), "client: "))}
	}
	return c, nil
}

// warnings is the log for people: one sentence for what is a warning, and nothing for the rest.
type warnings struct{ p *program }

func (w warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (w warnings) WithAttrs([]slog.Attr) slog.Handler               { return w }
func (w warnings) WithGroup(string) slog.Handler                    { return w }

func (w warnings) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += ", " + a.Key + " " + a.Value.String()
		return true
	})
	w.p.say("warning: " + text)
	return nil
}

// baseURL is the URL of the API that the command line or the environment names, or else Cloudflare's.
func (p *program) baseURL() string {
	return cmp.Or(p.flags.baseURL, os.Getenv(baseURLVariable), client.DefaultBaseURL)
}

// again is a command line of this program that calls the service in the same way as this one.
func (p *program) again(args ...string) string {
	if p.flags.account != "" {
		args = append(args, "--account", p.flags.account)
	}
	if p.flags.baseURL != "" {
		args = append(args, "--base-url", p.flags.baseURL)
	}
	line := "interconnect"
	for _, arg := range args {
		line += " " + shellQuoted(arg)
	}
	return line
}

// shellQuoted is an argument as a POSIX shell reads it.
func shellQuoted(arg string) string {
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if arg != "" && !strings.ContainsFunc(arg, func(r rune) bool { return !plain(r) }) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
