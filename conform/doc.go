// Package conform drives a server of the project's document over HTTP and reports where it deviates from the document.
//
// It knows nothing of how the server is made. What it sends and what it expects come from the tables of the generated package,
// [interconnect.Operations], and from what the document says in words.
//
// # What it checks
//
// Each response, whatever was asked for: its status is declared and no 5xx, its content type, headers and body are what
// the document declares for that status. So the form of failures is checked too.
//
// Each operation: a request without credentials, or with half of them, is answered with 401 or 403. A request that breaks one
// rule of the document in one place, in a parameter or in the body, is answered with 4xx, and so is a body of another media type.
// A valid request is not answered with 400. Values that the document allows, but that a service may refuse for reasons of its own,
// such as the largest number, may be refused properly. The methods that a path does not have are answered with 405 or 404. A body of
// 2 MB, one of 100,000 arrays in each other, and a long query are survived.
//
// Requests in which several things at once are chosen at random. Of one that is answered wrongly, a small one is reported that still is.
//
// Operations together: what is created is listed, is got as it was answered, and is gone once it is deleted. An update is stored.
// Pages hold all items exactly once and no more than the limit; filters keep what they should. A slot is taken once, a conduit name
// is used once. A Letter of Authorization is a PDF document. Another account sees nothing of all that, if one is given.
//
// What no caller can bring about: the other declared failures, such as 403, 429 and 500, and each state of a link, if the server has a
// [Control] for it.
//
// # When it ends early
//
// A server that does not answer three times in a row ends the run with [ErrSilent], one that answers none of the lists with
// [ErrRefused], and credentials that may read only with [ErrReadOnly], as all other findings would say the same. MaxRequests and the
// context are the other bounds.
//
// # What it does not check
//
// Speed, load, and requests at the same time; permissions of tokens, and whether credentials are genuine; when a link changes its
// state; what the document leaves open, such as the meaning of limit=0.
//
// # What it leaves behind
//
// A run orders interconnects and CNIs, and changes the settings. In the end it deletes what it has ordered and sets the settings back.
// Where an order is binding, so are these: run it against a server that is there to be tested. A server that remembers used pairing keys
// wants another seed for each run, as the keys are made from it.
package conform
