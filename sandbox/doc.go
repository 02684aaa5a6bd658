// Package sandbox is a fake of Cloudflare's Network Interconnects API, for tests and for local development.
//
// [NewServer] starts it for a test; [New] is an [net/http.Handler] to serve in any other way. Their state is in memory and gone
// with the process; [Open] keeps it in a file. All serve the API below /client/v4, as Cloudflare does, and at the root, which is
// where the test suites of the official SDKs look for it:
//
//	sb := sandbox.NewServer(t)
//	client, err := interconnect.NewClientWithResponses(sb.URL, …)
//
// # What it models
//
// The sandbox answers what the document describes and nothing else: requests and responses are checked by
// [interconnect.NewHandler]. Behind that it keeps the rules by which the objects depend on each other.
//
//   - Slots: a catalogue of ports at real facilities with fictional addresses, the same on every run, see [Catalogue].
//   - Interconnects: the server chooses the name. A slot has at most one interconnect, however many orders come at once; a
//     pairing key makes one GCP partner interconnect.
//   - CNIs: each has a /31 of its own from 10.64.0.0/16, the even address at Cloudflare's end. Deleting it gives the /31
//     back. Conduit names are unique within the account.
//   - Settings, status, and a Letter of Authorization that is a PDF document.
//   - Accounts: any account exists, and none sees anything of another, except that a slot is occupied.
//
// A test drives the rest: time with [Sandbox.Advance], the state of a link with [Sandbox.SetStatus], failures with
// [Sandbox.Fail], everything at once with [Sandbox.Snapshot], [Sandbox.Restore] and [Sandbox.Reset]. [Sandbox.Overview] shows what
// goes on, with the last 100 requests and what was wrong with them. Programs in other languages drive it by the control API below
// [ControlPath], whose client and types are in the package control. It needs no credentials and sees all accounts: serve a sandbox
// where only those can reach it that may do everything.
//
// # Examples
//
// [NewExamples] serves the same routes without any state, for the test suites of SDKs and for mock-ups. The suites of the
// official SDKs send placeholders such as "type": "type", which a sandbox refuses; there they are accepted, and everything that
// is asked for exists. The responses are examples and do not depend on each other. To test a program, use a sandbox.
//
// # What Cloudflare does not document
//
// Much of the behaviour of the real service is not published. In these places the sandbox had to choose:
//
//   - Requests for an unknown or occupied slot, another speed than the slot's, or a used pairing key are answered with 400,
//     as no other status is declared. A key stays used when its interconnect is deleted.
//   - Of a pairing key "key/region/domain" the second part is the region. Nothing else about it is looked at.
//   - A link is Pending at first and Healthy after a delay, see [WithPending]. It gets Unhealthy or Down by
//     [Sandbox.SetStatus] only. A reason that is not given is null.
//   - A slot that belongs to another account is occupied; its account is not shown.
//   - The text of address_contains is looked for in each line of the address and in the facility's name, in any case.
//   - The cursor of a page is a position in the order of creation, so that what is created or deleted between two pages
//     makes no other object appear twice or not at all. A page has 100 items by default, 1000 at most; limit=0 stands for
//     the default.
//   - An MTU is 576 to 1500. A customer's ASN is neither 0 nor the account's default ASN. A conduit name is not empty.
//   - A CNI keeps its /31; an update may exchange the two ends. It may move the CNI to another interconnect of the account.
//   - A BGP session that starts has the mode dynamic_route_exchange unless the update names another. A mode without a
//     session has no effect.
//   - A conduit name that is in use is 409 for a creation, 400 for an update.
//   - An interconnect with CNIs cannot be deleted (400), unless [WithCascade] is given.
//   - The default ASN is 13335, or 64512 to 65534. null brings 13335 back. BGP sessions that exist are not changed.
//   - tunnel_id is the ID of the Magic interconnect that belongs to a CNI, see [TunnelID].
//   - A GCP partner interconnect has no Letter of Authorization and no default name for it: 400.
//
// # Limits
//
// A request body is read only once its sender is admitted. It may have 1 MiB, and a snapshot for the control API 16 MiB (413), has
// to arrive within 20 seconds (408), and is refused with 503 while there are more than 64 MiB of bodies under way.
//
// On a loopback address, requests have to be for localhost or a loopback address: a page whose name leads to this machine by DNS
// rebinding gets 403. With [WithToken] that holds for the control API only, as the page does not know the token.
//
// # What it does not model
//
// It carries no traffic and knows no billing, quotas, rate limits, reviews or approvals. An interconnect is up in seconds,
// not weeks. Other products of Cloudflare are absent: Magic interconnects, their names, and their routes. It may behave
// differently from the real service wherever that is not documented, and a Letter of Authorization from it authorizes
// nothing.
package sandbox
