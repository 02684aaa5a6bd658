package main

import "github.com/spf13/cobra"

const (
	accountVariable = "CLOUDFLARE_ACCOUNT_ID"
	baseURLVariable = "CLOUDFLARE_BASE_URL"
)

func environmentTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "environment",
		Short: "The variables that the commands read",
		Long: `The commands that call the service read these variables:

  CLOUDFLARE_API_TOKEN    an API token; or else both of
  CLOUDFLARE_EMAIL        the e-mail address of a user, and
  CLOUDFLARE_API_KEY      the global API key of that user
  CLOUDFLARE_ACCOUNT_ID   the account, unless --account names one
  CLOUDFLARE_BASE_URL     the URL of the API, unless --base-url names one;
                          Cloudflare's if neither does
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY

There is no flag for credentials: every user of a machine can see the command
lines of all processes, and shells keep them in a history. To read a token from
a file:

  CLOUDFLARE_API_TOKEN=$(cat token.txt) interconnect slots list

No command prints credentials, with -v neither. A token needs the permission
Magic WAN or Magic Transit: Read for what only reads, Write for the rest.

No output has colours, so NO_COLOR changes nothing.`,
	}
}

func outputTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "output",
		Short: "What is printed where, and the formats of -o",
		Long: `Results go to standard output, and everything else to standard error: hints,
warnings, and how long a call or a wait takes. The last is on a terminal only.

  -o table   a few columns; on a terminal as many of them as there is room for,
             and what is left out is named. This is the default
  -o wide    all columns, however wide
  -o name    the name or ID of each object alone, one on each line
  -o csv     all columns as CSV, with a heading, also of a single object
  -o json    what the API has, as JSON
  -o yaml    the same as YAML

--columns takes other columns, for -o table, wide and csv: their names in lower
case with "-" for blanks, such as customer-ip. The heading of -o csv has them.

--query takes an expression of jq, whose results are printed one after the
other. Alone it is for people and scripts: strings are printed without quotes.
With -o json or -o yaml every result is JSON or YAML.

  interconnect links list --columns name,state
  interconnect slots list --free --query '.[0].id'
  interconnect links list --state --query 'map(select(.status.state == "Down"))'

With -o json an error is JSON too: the last line of standard error, an object
with the member "error". That has "exit_code", "message", "details" and "hint";
if the service refused or failed also "status", its "errors", "ray" and
"retry_after_seconds". Nothing else changes, see "interconnect help exit-codes".`,
	}
}

func exitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes say",
		Long: `The exit codes:

  0    done; serve, proxy or --watch was told to end
  1    refused by the service, or not sent or not answered for another reason.
       Nothing was changed, unless the message says so. Of conform: the server
       deviates from the document, or the run ended early
  2    wrong usage: the command line, the environment, a file, or a request that
       was found invalid and not sent. Nothing was changed
  3    not found: there is no such slot, interconnect or CNI
  4    unknown outcome: a request that changes something was sent, and no usable
       answer came. An order may have gone through. Look before you repeat it;
       the message says how
  5    a wait ended before what it waited for: the interconnect is not healthy
       and stays ordered, or what was deleted is still there
  130  interrupted, by Ctrl-C or SIGTERM. It is 4 instead if a request was under
       way that changes something`,
	}
}
